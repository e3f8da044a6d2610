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

    /** Returns the name under which a {@link Program} takes or returns this value. */
    public String name() {
        return variable.name();
    }

    /**
     * Gives the value a name that the model chooses, so that it can be asked for as an output; returns the renamed
     * node.
     */
    public Node named(String name) {
        variable.rename(name);
        return this;
    }

    @Override
    public String toString() {
        return name();
    }
}
