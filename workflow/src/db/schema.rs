//! The tables as diesel sees them. A test compares this file with the migrated database.

diesel::table! {
    client (id) {
        id -> Uuid,
        name -> Text,
        key_hash -> Bytea,
        created_at -> Timestamptz,
        disabled_at -> Nullable<Timestamptz>,
    }
}

diesel::table! {
    idempotency (client_id, key) {
        client_id -> Uuid,
        key -> Text,
        request_hash -> Bytea,
        status -> Nullable<Int2>,
        response -> Nullable<Bytea>,
        created_at -> Timestamptz,
    }
}

diesel::table! {
    verification (id) {
        id -> Uuid,
        client_id -> Uuid,
        created_at -> Timestamptz,
    }
}

diesel::table! {
    submission (id) {
        id -> Uuid,
        verification_id -> Uuid,
        client_id -> Uuid,
        reference -> Text,
        document -> Text,
        state -> Jsonb,
        status -> Text,
        opened_at -> Timestamptz,
        due_at -> Nullable<Timestamptz>,
        timer_at -> Nullable<Timestamptz>,
        lease_by -> Nullable<Uuid>,
        lease_until -> Nullable<Timestamptz>,
        replaces -> Nullable<Uuid>,
        received_at -> Nullable<Timestamptz>,
        alert_at -> Nullable<Timestamptz>,
        alert_level -> Nullable<Text>,
        stage -> Nullable<Text>,
        reserved_by -> Nullable<Uuid>,
        reserved_until -> Nullable<Timestamptz>,
    }
}

diesel::table! {
    submission_secret (submission_id) {
        submission_id -> Uuid,
        wrapped_key -> Nullable<Bytea>,
        claim_sealed -> Bytea,
        contact_sealed -> Bytea,
        challenge_sealed -> Bytea,
    }
}

diesel::table! {
    stored_object (id) {
        id -> Uuid,
        submission_id -> Uuid,
        state -> Text,
        wrapped_dek -> Bytea,
        layout -> Nullable<Jsonb>,
        plain_bytes -> Nullable<Int8>,
        sha256 -> Nullable<Bytea>,
        created_at -> Timestamptz,
        multipart_id -> Nullable<Text>,
    }
}

diesel::table! {
    upload (id) {
        id -> Uuid,
        submission_id -> Uuid,
        kind -> Text,
        length -> Int8,
        declared_sha256 -> Nullable<Bytea>,
        state -> Text,
        received -> Int8,
        object_id -> Nullable<Uuid>,
        parts -> Jsonb,
        tail_id -> Nullable<Uuid>,
        progress_sealed -> Nullable<Bytea>,
        media_type -> Nullable<Text>,
        fence -> Int8,
        completing_until -> Nullable<Timestamptz>,
        created_at -> Timestamptz,
        expires_at -> Timestamptz,
    }
}

diesel::table! {
    evidence (id) {
        id -> Uuid,
        submission_id -> Uuid,
        kind -> Text,
        object_id -> Uuid,
        media_type -> Text,
        uploaded_at -> Timestamptz,
        verified_at -> Nullable<Timestamptz>,
        kept_from -> Nullable<Uuid>,
        scanned_at -> Nullable<Timestamptz>,
        quarantined_at -> Nullable<Timestamptz>,
    }
}

diesel::table! {
    artefact (id) {
        id -> Uuid,
        submission_id -> Uuid,
        evidence_id -> Uuid,
        kind -> Text,
        object_id -> Uuid,
        media_type -> Text,
        meta -> Jsonb,
        created_at -> Timestamptz,
    }
}

diesel::table! {
    clip_print (evidence_id) {
        evidence_id -> Uuid,
        submission_id -> Uuid,
        stream_sha256 -> Text,
        frames -> Jsonb,
        seconds -> Float8,
        matched_submission_id -> Nullable<Uuid>,
        recorded_at -> Timestamptz,
    }
}

diesel::table! {
    bounce (submission_id, check_code) {
        submission_id -> Uuid,
        check_code -> Text,
        reason -> Text,
        bounced_at -> Timestamptz,
    }
}

diesel::table! {
    check_switch (check_code) {
        check_code -> Text,
        off_since -> Timestamptz,
        off_by -> Uuid,
        reason -> Text,
    }
}

diesel::table! {
    finding (submission_id, place) {
        submission_id -> Uuid,
        place -> Int2,
        body -> Jsonb,
        recorded_at -> Timestamptz,
    }
}

diesel::table! {
    staff (id) {
        id -> Uuid,
        email -> Text,
        name -> Text,
        role -> Text,
        password_hash -> Text,
        created_at -> Timestamptz,
        suspended_at -> Nullable<Timestamptz>,
        last_sign_in_at -> Nullable<Timestamptz>,
    }
}

diesel::table! {
    staff_session (token_hash) {
        token_hash -> Bytea,
        staff_id -> Uuid,
        created_at -> Timestamptz,
        last_seen_at -> Timestamptz,
        ends_at -> Timestamptz,
        previous_sign_in_at -> Nullable<Timestamptz>,
    }
}

diesel::table! {
    sign_in_attempt (subject_hash) {
        subject_hash -> Bytea,
        failures -> Int4,
        last_at -> Timestamptz,
    }
}

diesel::table! {
    reading (id) {
        id -> Uuid,
        submission_id -> Uuid,
        staff_id -> Uuid,
        fence -> Int8,
        face -> Nullable<Text>,
        after_findings -> Bool,
        answered_at -> Timestamptz,
        ordinal -> Int8,
        step -> Text,
        stage -> Text,
        answer -> Jsonb,
        typed_sealed -> Nullable<Bytea>,
        shown_at -> Nullable<Timestamptz>,
        session_position -> Int4,
    }
}

diesel::table! {
    conclusion (id) {
        id -> Uuid,
        submission_id -> Uuid,
        staff_id -> Uuid,
        stage -> Text,
        fence -> Int8,
        outcome -> Jsonb,
        patient_note_sealed -> Nullable<Bytea>,
        internal_note_sealed -> Nullable<Bytea>,
        facts -> Jsonb,
        rule -> Text,
        rule_row -> Text,
        leads_to -> Text,
        concluded_at -> Timestamptz,
        undo_until -> Timestamptz,
        undone_at -> Nullable<Timestamptz>,
    }
}

diesel::table! {
    hold (id) {
        id -> Uuid,
        submission_id -> Uuid,
        reason -> Text,
        held_by -> Uuid,
        held_at -> Timestamptz,
        note_sealed -> Nullable<Bytea>,
        ended_by -> Nullable<Uuid>,
        ended_at -> Nullable<Timestamptz>,
        next_step_sealed -> Nullable<Bytea>,
    }
}

diesel::table! {
    staff_preference (staff_id) {
        staff_id -> Uuid,
        body -> Jsonb,
        changed_at -> Timestamptz,
    }
}

diesel::table! {
    decision (id) {
        id -> Uuid,
        submission_id -> Uuid,
        staff_id -> Uuid,
        outcome -> Jsonb,
        patient_note_sealed -> Nullable<Bytea>,
        internal_note_sealed -> Nullable<Bytea>,
        decided_at -> Timestamptz,
        undone_at -> Nullable<Timestamptz>,
    }
}

diesel::table! {
    notice (id) {
        id -> Uuid,
        submission_id -> Uuid,
        decision_id -> Nullable<Uuid>,
        kind -> Text,
        state -> Text,
        what -> Jsonb,
        reasons -> Jsonb,
        send_after -> Timestamptz,
        attempts -> Int4,
        last_error -> Nullable<Text>,
        created_at -> Timestamptz,
        settled_at -> Nullable<Timestamptz>,
    }
}

diesel::table! {
    evidence_view (id) {
        id -> Uuid,
        staff_id -> Uuid,
        submission_id -> Uuid,
        artefact_id -> Uuid,
        fence -> Int8,
        opened_at -> Timestamptz,
        requests -> Int4,
        bytes -> Int8,
    }
}

diesel::table! {
    audit_event (chain, seq) {
        chain -> Uuid,
        seq -> Int8,
        at -> Timestamptz,
        actor -> Text,
        action -> Text,
        detail -> Jsonb,
        previous_hash -> Bytea,
        hash -> Bytea,
    }
}

diesel::table! {
    breach (submission_id) {
        submission_id -> Uuid,
        breached_at -> Timestamptz,
        found_at -> Timestamptz,
    }
}

diesel::table! {
    sla_policy (version) {
        version -> Int4,
        body -> Jsonb,
        made_at -> Timestamptz,
        made_by -> Uuid,
        reason -> Text,
        moved -> Int8,
    }
}

diesel::table! {
    beat (name) {
        name -> Text,
        kind -> Text,
        detail -> Text,
        since -> Timestamptz,
        at -> Timestamptz,
    }
}

diesel::table! {
    wait_message (id) {
        id -> Uuid,
        body -> Text,
        made_at -> Timestamptz,
        made_by -> Uuid,
        until -> Timestamptz,
        ended_at -> Nullable<Timestamptz>,
    }
}

diesel::table! {
    record_trace (submission_id) {
        submission_id -> Uuid,
        result -> Nullable<Text>,
        record_sealed -> Nullable<Bytea>,
        asked_at -> Timestamptz,
        answered_at -> Nullable<Timestamptz>,
    }
}

diesel::allow_tables_to_appear_in_same_query!(
    client,
    idempotency,
    verification,
    submission,
    submission_secret,
    stored_object,
    upload,
    evidence,
    artefact,
    clip_print,
    bounce,
    check_switch,
    finding,
    staff,
    staff_session,
    sign_in_attempt,
    reading,
    conclusion,
    hold,
    staff_preference,
    decision,
    notice,
    evidence_view,
    audit_event,
    breach,
    sla_policy,
    beat,
    wait_message,
    record_trace,
);
