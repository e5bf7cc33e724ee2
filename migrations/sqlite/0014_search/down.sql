DROP TABLE project_texts;
CREATE TABLE words (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    word TEXT NOT NULL UNIQUE
) STRICT;

CREATE TABLE project_words (
    project_id TEXT NOT NULL REFERENCES projects (id) ON DELETE CASCADE,
    word_id INTEGER NOT NULL REFERENCES words (id),
    PRIMARY KEY (project_id, word_id)
) STRICT;
CREATE INDEX project_words_by_word ON project_words (word_id, project_id);
