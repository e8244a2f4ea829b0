//! The actions that the audit logs record, with the codes that the database stores.

use crate::code_enum::code_enum;

code_enum! {
    /// An action in an institution: on one of its members, on an import, or on the institution itself.
    pub enum AuditAction {
        /// An import wrote a chunk of its rows.
        ImportApplied = "import.applied",
        /// The time at which an import sends its invitations was set or removed.
        ImportScheduled = "import.scheduled",
        /// An import sent invitations that were waiting.
        ImportSent = "import.sent",
        /// An import undid a chunk of its changes.
        ImportUndone = "import.undone",
        /// The institution was created.
        InstitutionCreated = "institution.created",
        /// The operator set or removed the seat limit.
        InstitutionSeatsSet = "institution.seats_set",
        /// The invited person joined.
        InvitationAccepted = "invitation.accepted",
        /// The invited person requested a new invitation.
        InvitationAskedAgain = "invitation.asked_again",
        /// The invited person declined.
        InvitationDeclined = "invitation.declined",
        /// An administrator copied a link to the invitation.
        InvitationLinkCopied = "invitation.link_copied",
        /// The invitation was resent.
        InvitationResent = "invitation.resent",
        /// The invitation was revoked.
        InvitationRevoked = "invitation.revoked",
        /// The invitation was sent for the first time.
        InvitationSent = "invitation.sent",
        /// A member was deactivated.
        UserDeactivated = "user.deactivated",
        /// A member's details or role were changed.
        UserEdited = "user.edited",
        /// A deactivated member was reactivated.
        UserReactivated = "user.reactivated",
        /// A member was removed.
        UserRemoved = "user.removed",
        /// An administrator unlocked a member's account.
        UserUnlocked = "user.unlocked",
    }
}

code_enum! {
    /// An action on an account, which belongs to no institution.
    pub enum AccountAction {
        /// It was created by accepting an invitation.
        Created = "account.created",
        /// It was locked after ten failed sign-ins.
        Locked = "account.locked",
        /// It was created with the set-up link.
        SetUp = "account.set_up",
        /// Its owner unlocked it with an emailed link.
        Unlocked = "account.unlocked_by_mail",
        /// Its email address was confirmed.
        AddressConfirmed = "address.confirmed",
        /// Its owner changed the password while signed in.
        PasswordChanged = "password.changed",
        /// Its owner replaced the temporary password.
        PasswordChosen = "password.chosen",
        /// Its owner set a new password with an emailed link.
        PasswordReset = "password.reset",
    }
}
