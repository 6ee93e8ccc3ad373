SELECT run_id, kpi_name, schema_version
FROM discogs_history.kpi_snapshot_events
WHERE status = 'missing_table'
UNION
SELECT run_id, kpi_name, schema_version
FROM discogs_history.kpi_dimension_events
WHERE status = 'missing_table'
