#include "glob.h"

/* One star is remembered at a time: if the text behind the last star cannot be matched by letting that star
 * take more, letting an earlier one take more cannot help either. So the time is length times text, no worse.
 */
bool glob_match(const char *pattern, size_t length, const char *text)
{
    const char *end = pattern + length;
    const char *star = NULL;
    const char *taken = NULL; /* the first character that the last star does not take */

    while (*text != '\0') {
        if (pattern != end && *pattern == '*') {
            star = pattern++;
            taken = text;
        } else if (pattern != end && (*pattern == '?' || *pattern == *text)) {
            pattern++;
            text++;
        } else if (star != NULL) {
            pattern = star + 1;
            text = ++taken;
        } else {
            return false;
        }
    }
    while (pattern != end && *pattern == '*')
        pattern++;
    return pattern == end;
}

bool glob_selects(const char *list, const char *id)
{
    bool including = false; /* an including pattern stands in the list */
    bool included = false;
    bool excluded = false;

    while (*list != '\0') {
        bool minus = *list == '-';
        const char *pattern = minus ? list + 1 : list;
        size_t length = 0;

        while (pattern[length] != '\0' && pattern[length] != ',')
            length++;
        if (minus) { /* an empty pattern matches no id */
            excluded |= glob_match(pattern, length, id);
        } else if (length > 0) {
            including = true;
            included |= glob_match(pattern, length, id);
        }
        list = pattern + length;
        if (*list == ',')
            list++;
    }
    return (included || !including) && !excluded;
}
