package io.retort.distill;

import io.retort.files.JobEntry;
import io.retort.generate.Generation;
import io.retort.generate.GenerationRequest;

/** Something that a generator is asked about, time and again, until it is complete. One thread. */
interface Inquiry {
    /** What is to be asked next; a request of its own each time, its id naming what it is about. */
    GenerationRequest request();

    /** Takes what the request brought. */
    void take(Generation generation);

    /** Whether nothing more is to be asked. */
    boolean isComplete();

    /** What it came to, once complete. */
    JobEntry entry();
}
