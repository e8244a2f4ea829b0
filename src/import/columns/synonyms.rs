//! Headers of other systems for each column: the best match first, in the product's six languages, and as common
//! directories export them. They are compared without case, spacing, punctuation and accents. To add one: a line in its
//! column; a test checks that no header matches two columns.

use super::Column;

/// Headers that Muster's own reports add.
pub(super) const OWN: [&str; 2] = ["Result", "Detail"];

/// Headers for a full name that also match the half of a name that has no column.
pub(super) const HALF_A_NAME: [&str; 3] = ["name", "nome", "الاسم"];

/// Returns the headers for a column.
pub(super) const fn synonyms(column: Column) -> &'static [&'static str] {
    match column {
        Column::Username => &USERNAME,
        Column::FirstName => &FIRST_NAME,
        Column::LastName => &LAST_NAME,
        Column::FullName => &FULL_NAME,
        Column::Email => &EMAIL,
        Column::Phone => &PHONE,
        Column::Role => &ROLE,
        Column::Language => &LANGUAGE,
        Column::ChangePassword => &CHANGE_PASSWORD,
    }
}

const USERNAME: [&str; 27] = [
    "username", // Moodle, Chamilo, Claromentis
    "login",    // Okta
    "login name",
    "user login", // Oracle EPM
    "user id",    // Oracle identity domains
    "sign-in name",
    "user",
    "uid", // LDAP
    "sAMAccountName",
    "account name",
    "benutzername",
    "anmeldename",
    "benutzerkennung",
    "kennung",
    "nom d'utilisateur",
    "identifiant",
    "nombre de usuario",
    "usuario",
    "nombre de acceso",
    "nome de utilizador",
    "nome de usuário",
    "utilizador",
    "usuário do sistema",
    "اسم المستخدم",
    "المستخدم",
    "اسم الدخول",
    "معرف المستخدم",
];

const FIRST_NAME: [&str; 20] = [
    "first name",
    "given name", // Microsoft Entra
    "forename",
    "first",
    "given names",
    "fname",
    "vorname",
    "vornamen",
    "rufname",
    "prénom",
    "prénoms",
    "nombre",
    "nombres",
    "primer nombre",
    "nombre de pila",
    "primeiro nome",
    "nome próprio",
    "prenome",
    "الاسم الأول",
    "الإسم الشخصي",
];

const LAST_NAME: [&str; 25] = [
    "last name",
    "surname", // Microsoft Entra, Claromentis
    "family name",
    "last",
    "second name",
    "lname",
    "sn", // LDAP
    "nachname",
    "familienname",
    "zuname",
    "nom",
    "nom de famille",
    "apellidos",
    "apellido",
    "primer apellido",
    "apelido",
    "apelidos",
    "sobrenome",
    "último nome",
    "nome de família",
    "اسم العائلة",
    "الاسم الأخير",
    "اللقب",
    "الكنية",
    "النسب",
];

const FULL_NAME: [&str; 19] = [
    "full name",
    "name",
    "display name", // Microsoft Entra, Okta
    "person",
    "cn", // LDAP
    "common name",
    "vollständiger name",
    "voller name",
    "anzeigename",
    "vor- und nachname",
    "nom complet",
    "nom et prénom",
    "nom d'affichage",
    "nombre completo",
    "nombre y apellidos",
    "nome completo",
    "nome",
    "الاسم الكامل",
    "الاسم",
];

const EMAIL: [&str; 21] = [
    "email",
    "email address", // Google Workspace
    "mail",          // Microsoft Entra
    "primary email",
    "work email", // Oracle
    "e-mail-adresse",
    "mailadresse",
    "adresse e-mail",
    "adresse mail",
    "adresse électronique",
    "courriel",
    "correo electrónico",
    "correo",
    "dirección de correo",
    "dirección de correo electrónico",
    "endereço de e-mail",
    "correio eletrónico",
    "البريد الإلكتروني",
    "البريد",
    "عنوان البريد الإلكتروني",
    "user principal name", // Microsoft Entra: shaped like an address, mostly one
];

const PHONE: [&str; 40] = [
    "phone",
    "phone number", // Chamilo
    "mobile phone", // Google Workspace, Microsoft Entra, Okta
    "mobile",
    "mobile number",
    "mobile no", // Oracle
    "cell phone",
    "cell",
    "primary phone",
    "telephone",
    "telephone number", // Microsoft Entra, LDAP
    "tel",
    "phone 1", // Moodle
    "work phone",
    "business phone",
    "work phone number",
    "handy",
    "handynummer",
    "mobiltelefon",
    "mobilnummer",
    "telefon",
    "telefonnummer",
    "rufnummer",
    "numéro de téléphone",
    "téléphone portable",
    "téléphone mobile",
    "portable",
    "móvil",
    "teléfono",
    "teléfono móvil",
    "número de teléfono",
    "celular",
    "telefone",
    "telemóvel",
    "número de telefone",
    "الهاتف",
    "رقم الهاتف",
    "الجوال",
    "رقم الجوال",
    "الهاتف المحمول",
];

/// "User type" and "status" are missing on purpose: their values in directories (employee, guest, active) are no roles,
/// and every row would be rejected. They can be mapped by hand.
const ROLE: [&str; 11] = [
    "role",
    "role name",
    "user role",
    "rolle",
    "benutzerrolle",
    "rol",
    "función",
    "papel",
    "função",
    "الدور",
    "الصلاحية",
];

const LANGUAGE: [&str; 15] = [
    "language",           // Chamilo
    "preferred language", // Okta, Oracle
    "lang",               // Moodle
    "locale",
    "user language",
    "sprache",
    "bevorzugte sprache",
    "langue",
    "langue préférée",
    "idioma",
    "idioma preferido",
    "lengua",
    "língua",
    "اللغة",
    "اللغة المفضلة",
];

const CHANGE_PASSWORD: [&str; 14] = [
    "change password next time",       // Claromentis
    "change password at next sign-in", // Google Workspace
    "change password at next login",
    "change password",
    "force password change",
    "force change password next sign-in", // Microsoft Entra
    "password change required",
    "passwort bei der nächsten anmeldung ändern",
    "passwort ändern",
    "changer le mot de passe",
    "changer le mot de passe à la prochaine connexion",
    "cambiar contraseña",
    "alterar senha",
    "تغيير كلمة المرور",
];
