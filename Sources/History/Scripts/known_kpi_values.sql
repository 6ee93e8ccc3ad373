SELECT run_id, kpi_name, schema_version, kpi_value, schema_name
FROM discogs_history.kpi_snapshot_latest
