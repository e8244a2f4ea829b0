// An SMTP server that stores messages and reads them like a mail program.
import assert from 'node:assert/strict';
import { simpleParser } from 'mailparser';
import { SMTPServer } from 'smtp-server';

// Returns the text of an HTML part as it is copied: without the elements that prevent automatic links.
const copied = (html) => html.replace(/<[^>]*>/g, '');

export async function mailSink() {
  const mails = [];
  const server = new SMTPServer({
    disabledCommands: ['AUTH', 'STARTTLS'],
    logger: false,
    onData(stream, session, done) {
      simpleParser(stream).then((mail) => {
        mails.push({
          to: session.envelope.rcptTo.map(({ address }) => address),
          subject: mail.subject,
          text: mail.text ?? '',
          html: mail.html || '',
          copied: copied(mail.html || ''),
          messageId: mail.messageId,
        });
        done();
      }, done);
    },
  });
  await new Promise((listening, failed) => {
    server.once('error', failed);
    server.listen(0, '127.0.0.1', listening);
  });
  return {
    port: server.server.address().port,
    mails,
    // Waits for the next message to an address after `seen` earlier ones, and returns the newest.
    async to(address, { seen = 0, seconds = 30 } = {}) {
      const end = Date.now() + seconds * 1000;
      for (;;) {
        const found = mails.filter((mail) => mail.to.includes(address));
        if (found.length > seen) return found.at(-1);
        assert.ok(Date.now() < end, `no mail number ${seen + 1} to ${address} within ${seconds} s`);
        await new Promise((later) => setTimeout(later, 100));
      }
    },
    stop: () => new Promise((closed) => server.close(closed)),
  };
}

// Returns the one URL of a Muster page in a message's text.
export function linkIn(mail, page) {
  const found = [...new Set(mail.text.match(new RegExp(`https?://\\S+/${page}/[\\w~.-]+`, 'g')) ?? [])];
  assert.equal(found.length, 1, `one link to /${page}/ in the mail's text, found ${found.length}:\n${mail.text}`);
  assert.ok(mail.html.includes(found[0]), 'the HTML part has the same link');
  return found[0];
}
