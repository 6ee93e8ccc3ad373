-- Members of a band with their other bands
-- Every member that the band's record or the member's own names, with each other band of the member. A member
-- without another band has one row.
WITH member AS (
  SELECT group_id, member_id, min(member_name) AS member_name
  FROM hive.discogs.artist_memberships_v1
  WHERE group_id = 71 -- wanted
  GROUP BY group_id, member_id
),
band AS (
  SELECT other.member_id, other.group_id, min(other.group_name) AS group_name
  FROM hive.discogs.artist_memberships_v1 other
  JOIN member ON member.member_id = other.member_id AND member.group_id <> other.group_id
  GROUP BY other.member_id, other.group_id
)
SELECT member.member_id, member.member_name, band.group_id AS other_band_id, band.group_name AS other_band
FROM member LEFT JOIN band ON band.member_id = member.member_id
ORDER BY member.member_id, band.group_id
