-- A row for each different genre of a release's links.
SELECT
  (SELECT count(*) FROM ${schema}.release_genre_xref_v1 WHERE ${part}) AS found,
  (
    SELECT count(*)
    FROM (SELECT DISTINCT release_id, genre FROM ${schema}.release_genre_links_v1_typed WHERE ${part}) link
  ) AS expected
