#ifndef CBUILD_H
#define CBUILD_H

/// The git commit that was built, with "-dirty" behind it if files differed from it; empty if the build was not told.
const char *cbuild_git_commit(void);

#endif
