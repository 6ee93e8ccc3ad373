SELECT run_id, kpi_name, dim_value, kpi_value, details
FROM discogs_history.kpi_dimension_latest
