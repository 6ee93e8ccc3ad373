SELECT DISTINCT run_id, kpi_name, schema_version
FROM discogs_history.kpi_snapshot_events
WHERE status = 'missing_table'
