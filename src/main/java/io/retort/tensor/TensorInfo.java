package io.retort.tensor;

/** What a file's table of contents says of one tensor. */
public record TensorInfo(String name, ElementType type, Shape shape) {
    @Override
    public String toString() {
        return name + " " + type + shape;
    }
}
