//! Patterns of paths, written as the router writes them: `/i/{slug}/users/{id}`.

/// Returns the values of the pattern's parameters in their order, or `None` if the path does not match. Empty segments
/// are ignored.
#[must_use]
pub fn parameters<'a>(pattern: &str, path: &'a str) -> Option<Vec<&'a str>> {
    let mut values = Vec::new();
    let mut actual = segments(path);
    for expected in segments(pattern) {
        let segment = actual.next()?;
        if expected.starts_with('{') {
            values.push(segment);
        } else if expected != segment {
            return None;
        }
    }
    actual.next().is_none().then_some(values)
}

/// Returns whether the path matches the pattern.
#[must_use]
pub fn matches(pattern: &str, path: &str) -> bool {
    parameters(pattern, path).is_some()
}

fn segments(path: &str) -> impl Iterator<Item = &str> {
    path.split('/').filter(|segment| !segment.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_parameter_matches_one_segment() {
        let user = "/i/{slug}/users/{id}";
        assert_eq!(
            parameters(user, "/i/harbour/users/7"),
            Some(vec!["harbour", "7"])
        );
        assert_eq!(parameters(user, "/i/harbour/users/7/edit"), None);
        assert_eq!(parameters(user, "/i/harbour/users"), None);
        assert_eq!(parameters(user, "/i/harbour/imports/7"), None);
        assert!(matches("/profile", "/profile/"));
        assert!(!matches("/profile", "/"));
    }
}
