-- A row for each different label and number of a release's links.
SELECT
  (SELECT count(*) FROM ${schema}.release_label_xref_v1 WHERE ${part}) AS found,
  (
    SELECT count(*)
    FROM (
      SELECT DISTINCT release_id, label_name, catno, label_id
      FROM ${schema}.release_label_links_v1_typed
      WHERE ${part}
    ) link
  ) AS expected
