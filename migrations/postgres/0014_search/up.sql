-- What a project is found by: the stems of its words in order, each between spaces, so that inflections and phrases are
-- found on either database by the same comparison. The program fills it in for projects that lack it.
DROP TABLE project_words;
DROP TABLE words;
CREATE TABLE project_texts (
    project_id uuid PRIMARY KEY REFERENCES projects (id) ON DELETE CASCADE,
    stems text COLLATE "C" NOT NULL
);
