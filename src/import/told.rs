//! What is told of a file's sheets, rows and cells: kept and shown alike.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::model::Form;
use crate::code_list::code_list;
use crate::text::Bilingual;

code_list! {
    /// How bad a finding is.
    pub enum Weight {
        /// The row is refused for it.
        Error = "error", "fel";
        /// It is worth knowing.
        Warning = "warning", "upplysning";
    }
}

/// Något om en cell eller en rad. / Something about a cell or a row.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = ImportFinding, example = json!({
    "severity": "error", "column": "projekt_sluttid", "value": "2015-13-01", "code": "date",
    "reason": {"sv": "är inget datum; skriv 2015-12-01", "en": "is no date; write 2015-12-01"}
}))]
pub struct Finding {
    /// Om raden nekas för det. / Whether the row is refused for it.
    pub severity: Weight,
    /// Kolumnen, när det rör en cell. / The column, when it is about a cell.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub column: Option<String>,
    /// Cellens värde, högst 200 tecken. / The cell's value, at most 200 characters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub value: Option<String>,
    /// Regelns stabila namn. / The rule's stable name.
    pub code: String,
    /// Vad som är fel, och vad som vore rätt. / What is wrong, and what would be right.
    pub reason: Bilingual,
}

impl Finding {
    /// The most of a value that is repeated, in characters.
    pub const LONGEST: usize = 200;

    /// What a row is refused for.
    #[must_use]
    pub fn error(code: &str, reason: Bilingual) -> Self {
        Self { severity: Weight::Error, column: None, value: None, code: code.to_owned(), reason }
    }

    /// The same about a cell.
    #[must_use]
    pub fn at(self, column: &str, value: &str) -> Self {
        let is_cut = value.chars().nth(Self::LONGEST).is_some();
        let value =
            if is_cut { value.chars().take(Self::LONGEST - 1).chain(['…']).collect() } else { value.to_owned() };
        Self { column: Some(column.to_owned()), value: Some(value), ..self }
    }

    /// The same, but only worth knowing.
    #[must_use]
    pub fn as_warning(self) -> Self {
        Self { severity: Weight::Warning, ..self }
    }
}

/// En cell som skiljer sig. / A cell that differs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = ImportChange, example = json!({"column": "title", "from": "Godsterminal", "to": "Godsterminal i Bastuträsk"}))]
pub struct CellChange {
    /// Kolumnen. / The column.
    pub column: String,
    /// Vad som gäller nu; tomt är okänt. / What holds now; empty is unknown.
    pub from: String,
    /// Vad som står i filen; tomt är okänt. / What the file says; empty is unknown.
    pub to: String,
}

/// Ett blad i filen. / A sheet of the file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = ImportSheet, example = json!({
    "name": "", "form": "projectBank2014", "rows": 279, "droppedColumns": ["projektledare"], "unknownColumns": []
}))]
pub struct Sheet {
    /// Bladets namn; tomt i CSV. / The sheet's name; empty in CSV.
    pub name: String,
    /// Vilken tabell det är; saknas för ett blad som inte läses. / Which table it is; absent for a sheet that is not read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub form: Option<Form>,
    /// Rader som är kvar efter urvalet. / Rows that are left after the selection.
    pub rows: i64,
    /// Kolumner med personuppgifter, som inte sparas. / Columns of personal data, which are not kept.
    pub dropped_columns: Vec<String>,
    /// Kolumner som inte hör till tabellen och inte läses. / Columns that are not of the table and not read.
    pub unknown_columns: Vec<String>,
}
