#include "CBuild.h"

#ifndef DISCOGS_GIT_COMMIT
#define DISCOGS_GIT_COMMIT ""
#endif

const char *cbuild_git_commit(void) { return DISCOGS_GIT_COMMIT; }
