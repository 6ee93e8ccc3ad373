-- A row for each different style of a release's links.
SELECT
  (SELECT count(*) FROM ${schema}.release_style_xref_v1 WHERE ${part}) AS found,
  (
    SELECT count(*)
    FROM (SELECT DISTINCT release_id, style FROM ${schema}.release_style_links_v1_typed WHERE ${part}) link
  ) AS expected
