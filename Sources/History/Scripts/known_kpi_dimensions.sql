SELECT DISTINCT run_id, kpi_name, schema_version
FROM discogs_history.kpi_dimension_latest
