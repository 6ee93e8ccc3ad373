// Lake
