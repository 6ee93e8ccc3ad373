-- Which releases have which barcode: the digits of every identifier that is a barcode, once each.
--
-- A barcode is valid where it has the length of a GTIN (8, 12, 13 or 14 digits) and the right check digit (GS1 General
-- Specifications, 7.9): counted from the left in 14 digits, with zeros before shorter ones, the digits at odd places
-- three times and those at even places once add up to a multiple of ten. Written with 14 digits, an UPC and its EAN meet.
WITH barcode AS (
  SELECT DISTINCT release_id, regexp_replace(value, '[^0-9]', '') AS barcode_norm
  FROM ${schema}.release_identifiers_v1_typed
  WHERE type = 'Barcode' AND regexp_like(value, '[0-9]')
), padded AS (
  SELECT
    release_id,
    barcode_norm,
    CASE WHEN length(barcode_norm) IN (8, 12, 13, 14) THEN lpad(barcode_norm, 14, '0') END AS digits
  FROM barcode
), weighed AS (
  SELECT
    release_id,
    barcode_norm,
    digits,
    3 * (
      CAST(substr(digits, 1, 1) AS BIGINT) + CAST(substr(digits, 3, 1) AS BIGINT)
      + CAST(substr(digits, 5, 1) AS BIGINT) + CAST(substr(digits, 7, 1) AS BIGINT)
      + CAST(substr(digits, 9, 1) AS BIGINT) + CAST(substr(digits, 11, 1) AS BIGINT)
      + CAST(substr(digits, 13, 1) AS BIGINT)
    )
    + CAST(substr(digits, 2, 1) AS BIGINT) + CAST(substr(digits, 4, 1) AS BIGINT)
    + CAST(substr(digits, 6, 1) AS BIGINT) + CAST(substr(digits, 8, 1) AS BIGINT)
    + CAST(substr(digits, 10, 1) AS BIGINT) + CAST(substr(digits, 12, 1) AS BIGINT)
    + CAST(substr(digits, 14, 1) AS BIGINT) AS weight
  FROM padded
)
SELECT
  barcode_norm,
  release_id,
  coalesce(weight % 10 = 0, false) AS is_valid,
  CASE WHEN weight % 10 = 0 THEN digits END AS gtin14
FROM weighed
