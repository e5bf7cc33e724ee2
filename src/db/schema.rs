//! The tables of both databases, as `migrations/` makes them.

#![expect(missing_docs, reason = "the columns are documented where their rooms use them")]

diesel::table! {
    use diesel::sql_types::{BigInt, Nullable, Text};
    use crate::db::types::{Document, Identifier, Instant};

    changes (number) {
        number -> BigInt,
        at -> Instant,
        actor -> Nullable<Identifier>,
        kind -> Text,
        aggregate -> Text,
        aggregate_id -> Text,
        version -> BigInt,
        before -> Nullable<Document>,
        after -> Nullable<Document>,
    }
}

diesel::table! {
    use diesel::sql_types::BigInt;

    write_turns (turn) {
        turn -> BigInt,
    }
}

diesel::table! {
    use diesel::sql_types::{BigInt, Text};
    use crate::db::types::Instant;

    idempotency_keys (principal, operation, key) {
        principal -> Text,
        operation -> Text,
        key -> Text,
        fingerprint -> Text,
        created_at -> Instant,
        location -> Text,
        version -> BigInt,
        body -> Text,
    }
}

diesel::table! {
    use diesel::sql_types::{BigInt, Nullable, Text};
    use crate::db::types::{Identifier, Instant};

    organisations (id) {
        id -> Identifier,
        name -> Text,
        name_key -> Text,
        number -> Nullable<Text>,
        sector -> Text,
        version -> BigInt,
        created_at -> Instant,
        updated_at -> Instant,
    }
}

diesel::table! {
    use diesel::sql_types::{BigInt, Bool, Nullable, Text};
    use crate::db::types::{Identifier, Instant};

    users (id) {
        id -> Identifier,
        email -> Text,
        name -> Text,
        role -> Text,
        password_hash -> Text,
        must_change_password -> Bool,
        active -> Bool,
        version -> BigInt,
        created_at -> Instant,
        updated_at -> Instant,
        may_assess_own -> Bool,
        organisation_id -> Nullable<Identifier>,
        funding_sources -> Text,
        frameworks -> Text,
        issuer -> Nullable<Text>,
        subject -> Nullable<Text>,
    }
}

diesel::table! {
    use diesel::sql_types::{BigInt, Bool, Nullable, Text};
    use crate::db::types::{Document, Identifier, Instant};

    clients (id) {
        id -> Identifier,
        name -> Text,
        role -> Text,
        scopes -> Text,
        organisation_id -> Nullable<Identifier>,
        funding_sources -> Text,
        frameworks -> Text,
        secret_hash -> Nullable<Text>,
        public_keys -> Document,
        active -> Bool,
        version -> BigInt,
        created_at -> Instant,
        updated_at -> Instant,
    }
}

diesel::table! {
    use diesel::sql_types::Text;
    use crate::db::types::Instant;

    used_tokens (token_hash) {
        token_hash -> Text,
        expires_at -> Instant,
    }
}

diesel::table! {
    use diesel::sql_types::Bool;
    use crate::db::types::{Identifier, Instant};

    sessions (id) {
        id -> Identifier,
        user_id -> Identifier,
        created_at -> Instant,
        expires_at -> Instant,
        revoked -> Bool,
    }
}

diesel::table! {
    use diesel::sql_types::{Bool, Text};
    use crate::db::types::{Identifier, Instant};

    refresh_tokens (token_hash) {
        token_hash -> Text,
        session_id -> Identifier,
        created_at -> Instant,
        used -> Bool,
    }
}

diesel::table! {
    use diesel::sql_types::{Binary, Text};
    use crate::db::types::Instant;

    signing_keys (kid) {
        kid -> Text,
        private_key -> Binary,
        created_at -> Instant,
    }
}

diesel::table! {
    use diesel::sql_types::{BigInt, Text};
    use crate::db::types::Instant;

    sign_in_attempts (account_hash, address) {
        account_hash -> Text,
        address -> Text,
        attempts -> BigInt,
        last_at -> Instant,
    }
}

diesel::table! {
    use diesel::sql_types::Text;

    municipalities (code) {
        code -> Text,
        name -> Text,
        short_name -> Text,
        county_code -> Text,
    }
}

diesel::table! {
    use diesel::sql_types::{BigInt, Bool, Date, Nullable, Text};

    strategies (id) {
        id -> Text,
        municipality_code -> Text,
        start_date -> Date,
        end_date -> Date,
        title_sv -> Text,
        title_en -> Text,
        vision_sv -> Text,
        vision_en -> Text,
        translation_language -> Text,
        translation_official -> Bool,
        source_title -> Text,
        source_url -> Nullable<Text>,
        version -> BigInt,
    }
}

diesel::table! {
    use diesel::sql_types::{Integer, Text};

    success_factors (strategy_id, position) {
        strategy_id -> Text,
        position -> Integer,
        name_sv -> Text,
        name_en -> Text,
        meaning_sv -> Text,
        meaning_en -> Text,
    }
}

diesel::table! {
    use diesel::sql_types::{Bool, Integer, Text};

    goal_areas (strategy_id, code) {
        strategy_id -> Text,
        code -> Text,
        position -> Integer,
        title_sv -> Text,
        title_en -> Text,
        summary_sv -> Text,
        summary_en -> Text,
        retired -> Bool,
    }
}

diesel::table! {
    use diesel::sql_types::{Bool, Integer, Text};

    sub_goals (strategy_id, code) {
        strategy_id -> Text,
        code -> Text,
        goal_area_code -> Text,
        position -> Integer,
        title_sv -> Text,
        title_en -> Text,
        summary_sv -> Text,
        summary_en -> Text,
        retired -> Bool,
    }
}

diesel::table! {
    use diesel::sql_types::{Bool, Integer, Text};

    measures (strategy_id, code) {
        strategy_id -> Text,
        code -> Text,
        sub_goal_code -> Text,
        position -> Integer,
        title_sv -> Text,
        title_en -> Text,
        retired -> Bool,
    }
}

diesel::table! {
    use diesel::sql_types::Text;
    use crate::db::types::Identifier;

    goal_area_stakeholders (id) {
        id -> Identifier,
        strategy_id -> Text,
        goal_area_code -> Text,
        organisation_id -> Identifier,
        interests -> Text,
    }
}

diesel::table! {
    use diesel::sql_types::{Nullable, Text};
    use crate::db::types::Identifier;

    working_group_members (id) {
        id -> Identifier,
        strategy_id -> Text,
        goal_area_code -> Text,
        organisation_id -> Nullable<Identifier>,
        officer_id -> Nullable<Identifier>,
    }
}

diesel::table! {
    use diesel::sql_types::{Date, Nullable, Text};
    use crate::db::types::{Identifier, Instant};

    measure_notes (id) {
        id -> Identifier,
        strategy_id -> Text,
        measure_code -> Text,
        standing -> Text,
        text -> Text,
        date -> Date,
        recorded_at -> Instant,
        recorded_by -> Nullable<Identifier>,
    }
}

diesel::table! {
    use diesel::sql_types::{BigInt, Date, Nullable, Text};
    use crate::db::types::{Document, Instant};

    funding_sources (code) {
        code -> Text,
        name_sv -> Text,
        name_en -> Text,
        name_key -> Text,
        #[sql_name = "type"]
        type_ -> Text,
        authority -> Nullable<Text>,
        programme_number -> Nullable<Text>,
        start_date -> Nullable<Date>,
        end_date -> Nullable<Date>,
        note_sv -> Nullable<Text>,
        note_en -> Nullable<Text>,
        citations -> Document,
        version -> BigInt,
        created_at -> Instant,
        updated_at -> Instant,
        appropriation -> Nullable<Text>,
        rules -> Document,
    }
}

diesel::table! {
    use diesel::sql_types::{BigInt, Date, Nullable, Text};
    use crate::db::types::{Document, Identifier, Instant};

    calls (id) {
        id -> Identifier,
        source_code -> Text,
        title_sv -> Text,
        title_en -> Text,
        title_key -> Text,
        opens_on -> Nullable<Date>,
        closes_on -> Nullable<Date>,
        budget -> Nullable<BigInt>,
        currency -> Text,
        note_sv -> Nullable<Text>,
        note_en -> Nullable<Text>,
        rules -> Document,
        citations -> Document,
        version -> BigInt,
        created_at -> Instant,
        updated_at -> Instant,
    }
}

diesel::table! {
    use diesel::sql_types::{BigInt, Date, Nullable, Text};
    use crate::db::types::{Identifier, Instant};

    projects (id) {
        id -> Identifier,
        reference -> Text,
        strategy_id -> Text,
        kind -> Text,
        title -> Text,
        title_key -> Text,
        summary -> Nullable<Text>,
        start_date -> Nullable<Date>,
        end_date -> Nullable<Date>,
        status -> Text,
        visibility -> Text,
        withheld_reason -> Nullable<Text>,
        state_aid -> Nullable<Text>,
        registration_source -> Nullable<Text>,
        registration_reason -> Nullable<Text>,
        contact_name -> Nullable<Text>,
        contact_email -> Nullable<Text>,
        contact_phone -> Nullable<Text>,
        total_cost -> Nullable<BigInt>,
        total_funding -> Nullable<BigInt>,
        version -> BigInt,
        created_at -> Instant,
        updated_at -> Instant,
        purpose -> Nullable<Text>,
        results_use -> Nullable<Text>,
        submitted_at -> Nullable<Instant>,
        total_granted -> Nullable<BigInt>,
    }
}

diesel::table! {
    use diesel::sql_types::Text;
    use crate::db::types::Identifier;

    project_municipalities (project_id, municipality_code) {
        project_id -> Identifier,
        municipality_code -> Text,
    }
}

diesel::table! {
    use diesel::sql_types::{Integer, Text};
    use crate::db::types::Identifier;

    project_places (project_id, position) {
        project_id -> Identifier,
        position -> Integer,
        name -> Text,
    }
}

diesel::table! {
    use diesel::sql_types::{Integer, Text};
    use crate::db::types::Identifier;

    project_case_numbers (project_id, position) {
        project_id -> Identifier,
        position -> Integer,
        authority -> Text,
        number -> Text,
    }
}

diesel::table! {
    use diesel::sql_types::Text;
    use crate::db::types::Identifier;

    project_criteria (project_id, criterion) {
        project_id -> Identifier,
        criterion -> Text,
        degree -> Text,
    }
}

diesel::table! {
    use diesel::sql_types::Text;
    use crate::db::types::Identifier;

    project_relations (project_id, related_id) {
        project_id -> Identifier,
        related_id -> Identifier,
        relation -> Text,
    }
}

diesel::table! {
    use diesel::sql_types::{Bool, Integer, Nullable, Text};
    use crate::db::types::{Document, Identifier, Instant};

    alignments (id) {
        id -> Identifier,
        project_id -> Identifier,
        strategy_id -> Text,
        sub_goal_code -> Text,
        measure_code -> Nullable<Text>,
        share -> Nullable<Integer>,
        rationale -> Nullable<Text>,
        assessment -> Text,
        evidence -> Document,
        claimed_by -> Nullable<Identifier>,
        assessed_by -> Nullable<Identifier>,
        assessed_at -> Nullable<Instant>,
        assessment_reason -> Nullable<Text>,
        self_assessed -> Bool,
        made_by -> Nullable<Identifier>,
    }
}

diesel::table! {
    use diesel::sql_types::Text;
    use crate::db::types::Identifier;

    stakeholders (id) {
        id -> Identifier,
        project_id -> Identifier,
        organisation_id -> Identifier,
        roles -> Text,
        interests -> Text,
        phases -> Text,
    }
}

diesel::table! {
    use diesel::sql_types::{BigInt, Bool, Integer, Nullable, Text};
    use crate::db::types::Identifier;

    costs (id) {
        id -> Identifier,
        project_id -> Identifier,
        #[sql_name = "type"]
        type_ -> Text,
        description -> Nullable<Text>,
        year -> Nullable<Integer>,
        amount -> Nullable<BigInt>,
        currency -> Text,
        eligible -> Bool,
    }
}

diesel::table! {
    use diesel::sql_types::{BigInt, Integer, Nullable, Text};
    use crate::db::types::Identifier;

    revenues (id) {
        id -> Identifier,
        project_id -> Identifier,
        description -> Text,
        year -> Nullable<Integer>,
        amount -> Nullable<BigInt>,
        currency -> Text,
    }
}

diesel::table! {
    use diesel::sql_types::{Integer, Nullable, Text};
    use crate::db::types::Identifier;

    funding_lines (id) {
        id -> Identifier,
        project_id -> Identifier,
        source_code -> Text,
        organisation_id -> Nullable<Identifier>,
        unnamed -> Nullable<Text>,
        kind -> Text,
        year -> Nullable<Integer>,
        note -> Nullable<Text>,
        call_id -> Nullable<Identifier>,
        priority_code -> Nullable<Text>,
    }
}

diesel::table! {
    use diesel::sql_types::{BigInt, Date, Nullable, Text};
    use crate::db::types::{Document, Identifier, Instant};

    status_changes (id) {
        id -> Identifier,
        project_id -> Identifier,
        from_status -> Nullable<Text>,
        status -> Text,
        reason -> Nullable<Text>,
        at -> Instant,
        actor -> Nullable<Identifier>,
        version -> BigInt,
        asks_for -> Nullable<Document>,
        due_date -> Nullable<Date>,
        decision_date -> Nullable<Date>,
        decision_body -> Nullable<Text>,
        decision_case_number -> Nullable<Text>,
    }
}

diesel::table! {
    use diesel::sql_types::{BigInt, Date, Nullable, Text};
    use crate::db::types::{Identifier, Instant};

    commitments (id) {
        id -> Identifier,
        funding_line_id -> Identifier,
        commitment -> Text,
        date -> Nullable<Date>,
        amount -> Nullable<BigInt>,
        currency -> Text,
        case_number -> Nullable<Text>,
        document -> Nullable<Text>,
        note -> Nullable<Text>,
        recorded_at -> Instant,
        recorded_by -> Nullable<Identifier>,
    }
}

diesel::table! {
    use diesel::sql_types::{BigInt, Nullable, Text};
    use crate::db::types::{Identifier, Instant};

    revisions (id) {
        id -> Identifier,
        project_id -> Identifier,
        reason -> Text,
        parts -> Text,
        recorded_at -> Instant,
        recorded_by -> Nullable<Identifier>,
        version -> BigInt,
    }
}

diesel::table! {
    use diesel::sql_types::{BigInt, Nullable, Text};
    use crate::db::types::Identifier;

    indicators (id) {
        id -> Identifier,
        project_id -> Identifier,
        code -> Nullable<Text>,
        name -> Text,
        unit -> Text,
        baseline -> Nullable<BigInt>,
        target -> Nullable<BigInt>,
        note -> Nullable<Text>,
    }
}

diesel::table! {
    use diesel::sql_types::{BigInt, Date, Nullable, Text};
    use crate::db::types::{Identifier, Instant};

    indicator_values (id) {
        id -> Identifier,
        indicator_id -> Identifier,
        date -> Date,
        value -> BigInt,
        note -> Nullable<Text>,
        approval -> Text,
        reason -> Nullable<Text>,
        reported_at -> Instant,
        reported_by -> Nullable<Identifier>,
        decided_at -> Nullable<Instant>,
        decided_by -> Nullable<Identifier>,
    }
}

diesel::table! {
    use diesel::sql_types::{Date, Nullable, Text};
    use crate::db::types::Identifier;

    reporting_dates (id) {
        id -> Identifier,
        project_id -> Identifier,
        kind -> Text,
        due_date -> Date,
        funding_line_id -> Nullable<Identifier>,
        done_date -> Nullable<Date>,
        note -> Nullable<Text>,
    }
}

diesel::table! {
    use diesel::sql_types::Text;
    use crate::db::types::Identifier;

    project_texts (project_id) {
        project_id -> Identifier,
        stems -> Text,
    }
}

diesel::table! {
    use diesel::sql_types::{BigInt, Date, Nullable, Text};
    use crate::db::types::Document;

    frameworks (id) {
        id -> Text,
        title_sv -> Text,
        title_en -> Text,
        owner -> Nullable<Text>,
        start_date -> Nullable<Date>,
        end_date -> Nullable<Date>,
        programme_numbers -> Document,
        levels -> Document,
        note -> Nullable<Document>,
        version -> BigInt,
    }
}

diesel::table! {
    use diesel::sql_types::{Bool, Integer, Nullable, Text};
    use crate::db::types::Document;

    priorities (framework_id, code) {
        framework_id -> Text,
        code -> Text,
        parent_code -> Nullable<Text>,
        position -> Integer,
        level -> Text,
        title -> Document,
        wording -> Nullable<Document>,
        note -> Nullable<Document>,
        source -> Document,
        retired -> Bool,
    }
}

diesel::table! {
    use diesel::sql_types::{BigInt, Bool, Nullable, Text};
    use crate::db::types::Identifier;

    correspondences (id) {
        id -> Identifier,
        strategy_id -> Text,
        sub_goal_code -> Text,
        measure_code -> Nullable<Text>,
        framework_id -> Text,
        priority_code -> Nullable<Text>,
        #[sql_name = "type"]
        type_ -> Text,
        provenance -> Text,
        rationale_sv -> Text,
        rationale_en -> Text,
        removed -> Bool,
        version -> BigInt,
    }
}

diesel::table! {
    use diesel::sql_types::{BigInt, Nullable, Text};
    use crate::db::types::{Identifier, Instant};

    statements (id) {
        id -> Identifier,
        project_id -> Identifier,
        issued_at -> Instant,
        issued_by -> Nullable<Identifier>,
        record -> Text,
        digest -> Text,
        withheld_reason -> Nullable<Text>,
        version -> BigInt,
    }
}

diesel::table! {
    use diesel::sql_types::{BigInt, Bool, Nullable, Text};
    use crate::db::types::{Identifier, Instant};

    webhooks (id) {
        id -> Identifier,
        owner_id -> Identifier,
        address -> Text,
        description -> Nullable<Text>,
        kinds -> Text,
        strategy_id -> Nullable<Text>,
        sub_goals -> Text,
        funding_sources -> Text,
        municipalities -> Text,
        active -> Bool,
        stopped_reason -> Nullable<Text>,
        secret -> Text,
        former_secret -> Nullable<Text>,
        former_until -> Nullable<Instant>,
        place -> BigInt,
        failures -> BigInt,
        due_at -> Instant,
        lease -> Nullable<Identifier>,
        leased_until -> Instant,
        version -> BigInt,
        created_at -> Instant,
        updated_at -> Instant,
    }
}

diesel::table! {
    use diesel::sql_types::{BigInt, Nullable, Text};
    use crate::db::types::{Identifier, Instant};

    webhook_attempts (id) {
        id -> Identifier,
        webhook_id -> Identifier,
        message_id -> Text,
        cursor -> Nullable<BigInt>,
        kind -> Text,
        number -> BigInt,
        outcome -> Text,
        status -> Nullable<BigInt>,
        made_at -> Instant,
        milliseconds -> BigInt,
    }
}

diesel::table! {
    use diesel::sql_types::{BigInt, Bool, Nullable, Text};
    use crate::db::types::{Document, Identifier, Instant};

    imports (id) {
        id -> Identifier,
        state -> Text,
        file_name -> Text,
        digest -> Text,
        options -> Document,
        sheets -> Document,
        row_count -> BigInt,
        filtered -> BigInt,
        done -> BigInt,
        created -> BigInt,
        changed -> BigInt,
        unchanged -> BigInt,
        refused -> BigInt,
        skips_refused -> Bool,
        failure -> Nullable<Document>,
        created_by -> Nullable<Identifier>,
        created_at -> Instant,
        updated_at -> Instant,
        version -> BigInt,
    }
}

diesel::table! {
    use diesel::sql_types::{BigInt, Bool, Nullable, Text};
    use crate::db::types::{Document, Identifier};

    import_rows (import_id, sheet, number) {
        import_id -> Identifier,
        sheet -> Text,
        number -> BigInt,
        form -> Text,
        key -> Text,
        cells -> Document,
        outcome -> Nullable<Text>,
        project_id -> Nullable<Identifier>,
        version -> Nullable<BigInt>,
        new_version -> Nullable<BigInt>,
        changes -> Nullable<Document>,
        findings -> Nullable<Document>,
        before -> Nullable<Document>,
        replaced -> Nullable<Document>,
        organisations -> Nullable<Document>,
        applied -> Bool,
    }
}

diesel::table! {
    use diesel::sql_types::Text;
    use crate::db::types::{Document, Identifier};

    external_ids (source, case_id) {
        source -> Text,
        case_id -> Text,
        project_id -> Identifier,
        cells -> Document,
    }
}

diesel::joinable!(indicator_values -> indicators (indicator_id));
diesel::joinable!(alignments -> projects (project_id));
diesel::joinable!(indicators -> projects (project_id));
diesel::joinable!(reporting_dates -> projects (project_id));
diesel::joinable!(statements -> projects (project_id));
diesel::joinable!(status_changes -> projects (project_id));
diesel::joinable!(commitments -> funding_lines (funding_line_id));
diesel::joinable!(funding_lines -> funding_sources (source_code));
diesel::joinable!(funding_lines -> organisations (organisation_id));
diesel::joinable!(goal_area_stakeholders -> organisations (organisation_id));
diesel::joinable!(working_group_members -> organisations (organisation_id));
diesel::joinable!(working_group_members -> users (officer_id));
diesel::joinable!(stakeholders -> organisations (organisation_id));
diesel::joinable!(strategies -> municipalities (municipality_code));
diesel::joinable!(refresh_tokens -> sessions (session_id));
diesel::joinable!(sessions -> users (user_id));

diesel::allow_tables_to_appear_in_same_query!(
    changes,
    write_turns,
    idempotency_keys,
    organisations,
    users,
    clients,
    used_tokens,
    sessions,
    refresh_tokens,
    signing_keys,
    sign_in_attempts,
    municipalities,
    strategies,
    success_factors,
    goal_areas,
    sub_goals,
    measures,
    goal_area_stakeholders,
    working_group_members,
    measure_notes,
    funding_sources,
    calls,
    projects,
    project_municipalities,
    project_places,
    project_case_numbers,
    project_criteria,
    project_relations,
    alignments,
    stakeholders,
    costs,
    revenues,
    funding_lines,
    status_changes,
    commitments,
    revisions,
    indicators,
    indicator_values,
    reporting_dates,
    project_texts,
    frameworks,
    priorities,
    correspondences,
    statements,
    imports,
    import_rows,
    external_ids,
    webhooks,
    webhook_attempts,
);
