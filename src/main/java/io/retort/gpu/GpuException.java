package io.retort.gpu;

/**
 * The driver of the card refused a call, or a kernel went wrong. The message names the call, the driver's name for the
 * error and its words, and what to do where that is known.
 */
public class GpuException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final String call;
    private final int code;

    GpuException(String call, int code, String message) {
        super(message);
        this.call = call;
        this.code = code;
    }

    /** The driver's function that gave the error; for errors of kernels, the one at which it came to light. */
    public final String call() {
        return call;
    }

    /** The driver's number of the error ({@code CUresult}). */
    public final int code() {
        return code;
    }

    /** What was called, what came of it, and what to do about it. */
    static GpuException of(String call, int code, String name, String words) {
        String remedy = remedy(code);
        return new GpuException(call, code, "the GPU's driver: " + call + " gave "
                + (name.isEmpty() ? "error " + code : name + " (" + code + ")") + (words.isEmpty() ? "" : ": " + words)
                + (remedy.isEmpty() ? "" : "; " + remedy));
    }

    private static String remedy(int code) {
        return switch (code) {
            case 2 -> "free memory of the card, or of this machine where memory is pinned";
            case 34 -> "this is the library that programs are linked with: put the driver's own before it";
            case 46, 802 -> "another process has the card to itself, or it is not ready: see nvidia-smi";
            case 100 -> "the driver finds no card: see nvidia-smi, and CUDA_VISIBLE_DEVICES in the environment";
            case 209, 222, 223 -> "the card or its driver is too old for these kernels: update the driver";
            case 803 -> "the driver was updated while its old module is loaded: restart the machine";
            case 701 -> "the kernel wants more registers or threads than a block may have";
            case 214, 220 -> "the card's memory or link is damaged: see nvidia-smi";
            case 700, 702, 710, 714, 715, 716, 717, 718, 719 ->
                "a kernel launched before went wrong, and this process cannot use the card any more";
            default -> "";
        };
    }
}
