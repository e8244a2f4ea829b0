// The fixture of a group of tests: a server, its first administrator, and people who are inserted into the database
// directly. Members among them sign in with the first administrator's password.
import { after, before } from 'node:test';
import { founder, setUp, signIn } from './actions.mjs';
import { person } from './people.mjs';
import { startMuster } from './server.mjs';

export const users = `/i/${founder.slug}/users`;
export const invitations = `/i/${founder.slug}/invitations`;

/**
 * One person of the `crowd`: `state` is active, locked, deactivated or invited, `role` administrator or basic; `sent` and
 * `seen` are the minutes since the invitation was sent and since the last visit; `mail` and `asked` describe what happened
 * to the invitation.
 */
export const member = (first, last, more = {}) => ({
  first,
  last,
  email: `${first.toLowerCase()}@crowd.example`,
  username: `kestrel.${first.toLowerCase()}`,
  role: 'basic',
  state: 'active',
  seen: null,
  sent: 60,
  mail: 'sent',
  asked: false,
  ...more,
});

// Makes a number of people who were invited by name: “Person Number001” and so on.
export const numbered = (count) =>
  Array.from({ length: count }, (_, index) => {
    const number = String(index + 1).padStart(3, '0');
    return member('Person', `Number${number}`, { email: `person${number}@crowd.example`, state: 'invited' });
  });

export async function crowd(muster, people) {
  await muster.query(
    `CREATE TEMP TABLE came AS
       SELECT gen_random_uuid() AS account, gen_random_uuid() AS id, i.id AS institution, i.main_contact, x.*
       FROM muster.institutions i, json_to_recordset('${JSON.stringify(people).replaceAll("'", "''")}') AS x
         (first text, last text, email text, username text, role text, state text, seen int, sent int, mail text, asked boolean)
       WHERE i.slug = '${founder.slug}';
     INSERT INTO muster.accounts (id, email, username, password_hash, language)
       SELECT account, c.email, c.username, a.password_hash, 'en' FROM came c, muster.accounts a
       WHERE state <> 'invited' AND a.email = '${founder.email}';
     INSERT INTO muster.memberships (institution_id, id, account_id, role_id, status, email, first_name, last_name, joined_at, viewed_at)
       SELECT institution, c.id, CASE WHEN state <> 'invited' THEN account END, r.id,
              CASE state WHEN 'locked' THEN 'active' ELSE state END, email, first, last,
              CASE WHEN state <> 'invited' THEN clock_timestamp() - interval '30 days' END,
              clock_timestamp() - make_interval(mins => seen)
       FROM came c JOIN muster.roles r ON r.institution_id = institution AND r.code = c.role;
     UPDATE muster.accounts SET locked_at = clock_timestamp() WHERE id IN (SELECT account FROM came WHERE state = 'locked');
     INSERT INTO muster.invitations (institution_id, membership_id, inviter_id, language, token_hash, sent_at, expires_at, mail_state, asked_again_at)
       SELECT institution, id, main_contact, 'en', sha256(id::text::bytea), clock_timestamp() - make_interval(mins => sent),
              clock_timestamp() - make_interval(mins => sent) + interval '24 hours', mail,
              CASE WHEN asked THEN clock_timestamp() END
       FROM came WHERE state = 'invited'`,
  );
}

/**
 * The fixture of the calling group. `muster` and `ada`, the first administrator, exist when its tests run; `somebody()`
 * returns a new browser, `signedIn(email)` one in which a member is signed in. `close()` is for the last test.
 */
export function fixture(people, options = {}) {
  const all = [];
  const it = {
    async somebody(more = {}) {
      const who = await person(it.muster.origin, { ...options, ...more });
      all.push(who);
      return who;
    },
    async signedIn(email, more) {
      const who = await it.somebody(more);
      await signIn(who, email, founder.password);
      return who;
    },
    async close() {
      for (const who of all) await who.close();
    },
  };
  before(async () => {
    it.muster = await startMuster();
    it.ada = await it.somebody();
    await setUp(it.ada, it.muster);
    await crowd(it.muster, people);
  });
  after(async () => {
    for (const who of all) await who.context.close();
    await it.muster?.stop();
  });
  return it;
}
