#pragma once
/* One event, one test. */

#include "event.h"

#define EVENT_TEST(name, sentence, ...)                                                                      \
    TEST(event_vector_##name, sentence)                                                                      \
    {                                                                                                        \
        static const struct event event = {.about = #name, __VA_ARGS__};                                     \
                                                                                                             \
        event_check(&event);                                                                                 \
    }
