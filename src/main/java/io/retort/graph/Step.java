package io.retort.graph;

import java.util.List;

/**
 * A step of a plan.
 *
 * @param operation what it does, for people
 * @param touched   buffers that it reads or writes
 * @param binding   makes it a task on a workspace's memory
 */
record Step(Operation operation, List<Storage.Buffer> touched, Binding binding) {
    /** Makes the step a task on a workspace's memory, which allocates nothing when it runs. */
    @FunctionalInterface
    interface Binding {
        Runnable bind(Workspace workspace);
    }
}
