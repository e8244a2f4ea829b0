//! The client's IP address: behind trusted proxies the forwarded one (`X-Forwarded-For`).

use std::net::{IpAddr, SocketAddr};

use axum::http::HeaderMap;
use ipnet::IpNet;

/// The networks whose `X-Forwarded-For` is trusted.
#[derive(Debug, Clone, Default)]
pub struct TrustedProxies(Vec<IpNet>);

impl TrustedProxies {
    /// Trusts every address of these networks.
    #[must_use]
    pub fn new(networks: Vec<IpNet>) -> Self {
        Self(networks)
    }

    /// Returns whether the address is that of a trusted proxy. An IPv4-mapped address counts as IPv4.
    #[must_use]
    pub fn contain(&self, address: IpAddr) -> bool {
        let address = address.to_canonical();
        self.0.iter().any(|network| network.contains(&address))
    }

    /// Returns the client's address: the rightmost forwarded one that is not a trusted proxy's.
    ///
    /// Each proxy appends the address of its client, so everything to the left of an entry was written by that entry's
    /// sender. For the same reason an invalid entry ends the search at the proxy that wrote it: everything to its left
    /// is unverified.
    #[must_use]
    pub fn client(&self, peer: IpAddr, headers: &HeaderMap) -> IpAddr {
        let mut client = peer.to_canonical();
        if !self.contain(client) {
            return client;
        }
        for line in headers.get_all("x-forwarded-for").iter().rev() {
            let line = String::from_utf8_lossy(line.as_bytes());
            for entry in line.rsplit(',') {
                let Some(address) = address_of(entry) else {
                    return client;
                };
                client = address;
                if !self.contain(client) {
                    return client;
                }
            }
        }
        client
    }
}

/// Parses an entry: an address with or without a port, possibly in quotes.
fn address_of(entry: &str) -> Option<IpAddr> {
    let entry = entry.trim();
    let entry = entry
        .strip_prefix('"')
        .and_then(|rest| rest.strip_suffix('"'))
        .unwrap_or(entry);
    let address = match entry.strip_prefix('[') {
        Some(rest) if rest.ends_with(']') => rest.trim_end_matches(']').parse().ok(),
        Some(_) => socket(entry),
        None => entry.parse().ok().or_else(|| socket(entry)),
    };
    address.map(|address| address.to_canonical())
}

fn socket(entry: &str) -> Option<IpAddr> {
    entry.parse::<SocketAddr>().ok().map(|socket| socket.ip())
}

#[cfg(test)]
mod tests {
    use super::*;

    const PROXY: &str = "10.0.0.1";

    fn client_of(peer: &str, trusted: &[&str], lines: &[&str]) -> String {
        let trusted = trusted.iter().map(|network| {
            let host = || network.parse::<IpAddr>().map(IpNet::from);
            network.parse().or_else(|_| host()).unwrap()
        });
        let mut headers = HeaderMap::new();
        for line in lines {
            headers.append("x-forwarded-for", line.parse().unwrap());
        }
        TrustedProxies::new(trusted.collect())
            .client(peer.parse().unwrap(), &headers)
            .to_string()
    }

    #[test]
    fn a_forwarded_address_is_believed_from_trusted_proxies_only() {
        let forwarded = ["203.0.113.9, 198.51.100.7"];
        assert_eq!(client_of(PROXY, &[], &forwarded), PROXY);
        assert_eq!(client_of(PROXY, &[PROXY], &forwarded), "198.51.100.7");
        assert_eq!(
            client_of("198.51.100.8", &[PROXY], &forwarded),
            "198.51.100.8"
        );
    }

    #[test]
    fn the_client_is_the_rightmost_entry_that_is_no_trusted_proxy_in_every_notation() {
        for (lines, client) in [
            (&["9.9.9.9, 1.2.3.4"][..], "1.2.3.4"),
            (&["9.9.9.9, 1.2.3.4:5555"], "1.2.3.4"),
            (&["9.9.9.9, \"1.2.3.4\""], "1.2.3.4"),
            (&["9.9.9.9, \"1.2.3.4:77\""], "1.2.3.4"),
            (&["9.9.9.9, [2001:db8::1]:443"], "2001:db8::1"),
            (&["9.9.9.9, \"[2001:db8::1]:443\""], "2001:db8::1"),
            (&["9.9.9.9, [2001:db8::1]"], "2001:db8::1"),
            (&["9.9.9.9, 2001:db8::1"], "2001:db8::1"),
            (&["9.9.9.9, ::ffff:1.2.3.4"], "1.2.3.4"),
            (&["9.9.9.9", "1.2.3.4:77"], "1.2.3.4"),
            (&["9.9.9.9, 1.2.3.4", "10.0.0.2"], "1.2.3.4"),
            (&["1.2.3.4,10.0.0.2 , 10.0.0.3:80"], "1.2.3.4"),
            (&["10.0.0.3"], "10.0.0.3"),
            (&[], PROXY),
        ] {
            assert_eq!(
                client_of(PROXY, &["10.0.0.0/8"], lines),
                client,
                "{lines:?}"
            );
        }
    }

    #[test]
    fn an_entry_that_is_no_address_ends_the_search_at_the_proxy_that_wrote_it() {
        for entry in [
            "unknown",
            "_hidden",
            "",
            "1.2.3.4:",
            "1.2.3",
            "[::1",
            "\"1.2.3.4",
            "\u{e9}",
        ] {
            let line = format!("9.9.9.9, {entry}");
            assert_eq!(client_of(PROXY, &[PROXY], &[&line]), PROXY, "{entry:?}");
            let line = format!("9.9.9.9, {entry}, 10.0.0.2");
            let nearest = client_of(PROXY, &["10.0.0.0/8"], &[&line]);
            assert_eq!(nearest, "10.0.0.2", "{entry:?}");
        }
    }

    #[test]
    fn a_proxy_on_a_dual_stack_listener_is_its_ipv4_address() {
        let mapped = "::ffff:10.0.0.1";
        assert_eq!(client_of(mapped, &[PROXY], &["1.2.3.4"]), "1.2.3.4");
        assert_eq!(client_of(mapped, &[], &["1.2.3.4"]), PROXY);
        assert_eq!(client_of("::1", &["::1/128"], &["1.2.3.4"]), "1.2.3.4");
    }
}
