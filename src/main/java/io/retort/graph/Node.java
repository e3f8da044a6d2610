package io.retort.graph;

import org.nd4j.autodiff.samediff.SDVariable;

/**
 * A value of a {@link Graph}: an input, a parameter or the result of an operation. Belongs to the graph that made it.
 */
public final class Node {
    final SDVariable variable;

    Node(SDVariable variable) {
        this.variable = variable;
    }

    /** The name under which a {@link Program} takes or returns the value. */
    public String name() {
        return variable.name();
    }

    /** Gives the value a name of the model's choosing, for use as an output. */
    public Node named(String name) {
        variable.rename(name);
        return this;
    }

    @Override
    public String toString() {
        return name();
    }
}
