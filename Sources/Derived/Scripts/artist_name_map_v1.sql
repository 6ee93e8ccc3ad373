-- Which artists are known by which name: their own, their real one, their aliases, and the groups they belong to.
--
-- A name is put in a form that can be looked up: lower case; without one trailing Discogs number, "Name (2)"; every run
-- of white space as one blank; none at either end. A name of which nothing is left leads to nobody and is left out.
--
-- White space is named character by character, because the engines' own classes and trims differ. The conditions keep
-- the regular expressions away from names that they would not change, which is nearly all of them.
WITH artist AS (
  SELECT artist_id, name, realname FROM ${schema}.artists_v1_typed
), other_name AS (
  SELECT artist_id, alias_name AS name FROM ${schema}.artist_aliases_v1_typed
  UNION ALL
  SELECT member_id AS artist_id, group_name AS name FROM ${schema}.artist_memberships_v1_typed
), named AS (
  SELECT artist_id, name FROM artist
  UNION ALL
  SELECT artist_id, realname AS name FROM artist
  UNION ALL
  SELECT other_name.artist_id AS artist_id, other_name.name AS name
  FROM other_name JOIN artist ON artist.artist_id = other_name.artist_id
), lowered AS (
  SELECT
    artist_id,
    lower(CASE WHEN name LIKE '%)' THEN regexp_replace(name, '\([0-9]+\)\z', '') ELSE name END) AS name
  FROM named
  WHERE artist_id IS NOT NULL AND name IS NOT NULL
), normalized AS (
  SELECT
    artist_id,
    CASE
      WHEN regexp_like(
        name,
        '[\x{0009}-\x{000D}\x{001C}-\x{001F}\x{0085}\x{00A0}\x{1680}\x{2000}-\x{200A}\x{2028}\x{2029}\x{202F}\x{205F}\x{3000}]|  |^ | \z'
      )
      THEN regexp_replace(
        regexp_replace(
          name,
          '[\x{0009}-\x{000D}\x{001C}-\x{0020}\x{0085}\x{00A0}\x{1680}\x{2000}-\x{200A}\x{2028}\x{2029}\x{202F}\x{205F}\x{3000}]+',
          ' '
        ),
        '^ | \z', ''
      )
      ELSE name
    END AS norm_name
  FROM lowered
)
SELECT DISTINCT norm_name, artist_id FROM normalized WHERE norm_name <> ''
${order}
