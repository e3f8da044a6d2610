package io.retort.graph;

import org.nd4j.autodiff.samediff.SDVariable;

/**
 * A value of a {@link Graph}: an input, a parameter or the result of an operation. Belongs to the graph that made it.
 */
public final class Node {
    private final Notation notation; // null for a variable that somebody made in SameDiff itself
    private String name;
    /** The value in SameDiff; null as long as SameDiff does not know of it. */
    SDVariable variable;

    Node(Notation notation, String name) {
        this.notation = notation;
        this.name = name;
    }

    Node(SDVariable variable) {
        this.notation = null;
        this.variable = variable;
    }

    /** Returns the value in SameDiff, which is told of it if it does not know. */
    SDVariable variable() {
        if (variable == null) notation.sameDiff();
        return variable;
    }

    /** Returns the name under which a {@link Program} takes or returns this value. */
    public String name() {
        return variable == null ? name : variable.name();
    }

    /**
     * Gives the value a name that the model chooses, so that it can be asked for as an output; returns the renamed
     * node.
     */
    public Node named(String name) {
        if (variable == null) this.name = name;
        else variable.rename(name);
        return this;
    }

    @Override
    public String toString() {
        return name();
    }
}
