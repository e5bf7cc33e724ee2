DROP TABLE project_texts;
CREATE TABLE words (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    word text COLLATE "C" NOT NULL UNIQUE
);

CREATE TABLE project_words (
    project_id uuid NOT NULL REFERENCES projects (id) ON DELETE CASCADE,
    word_id bigint NOT NULL REFERENCES words (id),
    PRIMARY KEY (project_id, word_id)
);
CREATE INDEX project_words_by_word ON project_words (word_id, project_id);
