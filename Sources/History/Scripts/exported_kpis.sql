SELECT event_ts_utc, run_id, schema_name, kpi_name, kpi_value, status, details, schema_version
FROM discogs_history.kpi_snapshot_latest
