SELECT entity, change, entity_id, changed_columns
FROM (
  SELECT entity, change, entity_id, changed_columns,
    row_number() OVER (PARTITION BY entity, change ORDER BY entity_id, changed_columns) AS place
  FROM discogs_history.entity_changes_latest
  WHERE run_id = ${run_id} AND previous_run_id = ${previous_run_id}
) AS ordered
WHERE place <= ${most}
