-- Each release's labels with their catalogue numbers; what a release says twice is here once.
--
-- Names are few beside links: each gets a number in the order of names, and links are sorted by that. Links are
-- compared with one another only where a release names a label more than once.
WITH name AS (
  SELECT label_name, row_number() OVER (ORDER BY lower(label_name), label_name) AS label_rank
  FROM (SELECT DISTINCT label_name FROM ${schema}.release_label_links_v1_typed WHERE label_name IS NOT NULL) label
), repeated AS (
  SELECT release_id, coalesce(label_id, -1) AS label_key
  FROM ${schema}.release_label_links_v1_typed
  GROUP BY release_id, coalesce(label_id, -1)
  HAVING count(*) > 1
)
SELECT release_id, label_name, lower(label_name) AS label_norm, label_catno, label_id
FROM (
  SELECT
    release_label.release_id AS release_id,
    release_label.label_name AS label_name,
    label_catno,
    label_id
  FROM (
    SELECT link.release_id AS release_id, position, label_name, catno AS label_catno, label_id
    FROM ${schema}.release_label_links_v1_typed link
    LEFT JOIN repeated ON repeated.release_id = link.release_id AND label_key = coalesce(label_id, -1)
    WHERE label_key IS NULL
    UNION ALL
    SELECT link.release_id AS release_id, min(position) AS position, label_name, catno AS label_catno, label_id
    FROM ${schema}.release_label_links_v1_typed link
    JOIN repeated ON repeated.release_id = link.release_id AND label_key = coalesce(label_id, -1)
    GROUP BY link.release_id, label_name, catno, label_id
  ) release_label
  LEFT JOIN name ON name.label_name = release_label.label_name
  ${order}
) release_label
