//! The forms of an import's page.

use super::{
    apply_import, discard_import, leave_out_refused, plan_import, resume_import, schedule_import,
    send_import, stop_import, undo_import, unschedule_import,
};
use crate::form_posts::{FormRoute, NoFields};

const PAGE: &str = "/i/{slug}/imports/{id}";

pub(crate) const FORMS: &[FormRoute] = &[
    FormRoute::new(PAGE, "plan_import", |post| {
        let (slug, id) = post.slug_and_id();
        post.stay(|NoFields {}| plan_import(slug, id))
    }),
    FormRoute::new(PAGE, "apply_import", |post| {
        let (slug, id) = post.slug_and_id();
        post.stay(|NoFields {}| apply_import(slug, id))
    }),
    FormRoute::new(PAGE, "stop_import", |post| {
        let (slug, id) = post.slug_and_id();
        post.stay(|NoFields {}| stop_import(slug, id))
    }),
    FormRoute::new(PAGE, "resume_import", |post| {
        let (slug, id) = post.slug_and_id();
        post.stay(|NoFields {}| resume_import(slug, id))
    }),
    FormRoute::new(PAGE, "undo_import", |post| {
        let (slug, id) = post.slug_and_id();
        post.stay(|NoFields {}| undo_import(slug, id))
    }),
    FormRoute::new(PAGE, "discard_import", |post| {
        let (slug, id) = post.slug_and_id();
        post.stay(|NoFields {}| discard_import(slug, id))
    }),
    FormRoute::new(PAGE, "leave_out_refused", |post| {
        let (slug, id) = post.slug_and_id();
        post.stay(|NoFields {}| leave_out_refused(slug, id))
    }),
    FormRoute::new(PAGE, "send_import", |post| {
        let (slug, id) = post.slug_and_id();
        post.stay(|NoFields {}| send_import(slug, id))
    }),
    FormRoute::new(PAGE, "schedule_import", |post| {
        let (slug, id) = post.slug_and_id();
        post.stay(|draft| schedule_import(slug, id, draft))
    }),
    FormRoute::new(PAGE, "unschedule_import", |post| {
        let (slug, id) = post.slug_and_id();
        post.stay(|NoFields {}| unschedule_import(slug, id))
    }),
];
