-- Labels under a label, to any depth
-- The labels that belong to a label, those that belong to them, and so on, with the way down to each. Trino goes ten steps
-- down unless SET SESSION max_recursion_depth says more; a label that is its own ancestor ends the way.
WITH RECURSIVE below (label_id, name, depth, way) AS (
  SELECT label_id, name, CAST(0 AS BIGINT), CAST('/' || CAST(label_id AS VARCHAR) || '/' AS VARCHAR)
  FROM hive.discogs.labels_ref_v10
  WHERE label_id = 140 -- wanted
  UNION ALL
  SELECT
    label.label_id, label.name, below.depth + 1, CAST(below.way || CAST(label.label_id AS VARCHAR) || '/' AS VARCHAR)
  FROM hive.discogs.labels_ref_v10 label JOIN below ON below.label_id = label.parent_label_id
  WHERE strpos(below.way, '/' || CAST(label.label_id AS VARCHAR) || '/') = 0
)
SELECT depth, label_id, name, way FROM below ORDER BY way
