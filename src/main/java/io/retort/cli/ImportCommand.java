package io.retort.cli;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.retort.files.BadInput;
import io.retort.files.Sha256;
import io.retort.store.ModelFolder;
import io.retort.store.ModelImport;
import io.retort.store.parlai.ParlaiImport;
import io.retort.tensor.WeightReport;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(name = "import", mixinStandardHelpOptions = true, description = {
    "Makes a model folder of another program's: its config.json and tokenizer.json, with weights in safetensors "
            + "or ONNX; or ParlAI's model, model.opt and model.dict of a bi-encoder, a poly-encoder or a generator.",
    "Reports what was mapped, missing, unexpected or of another shape; fails on any of them unless allowed."})
final class ImportCommand implements Callable<Integer> {
    @Mixin
    private Output output;

    @Parameters(paramLabel = "DIR|MODEL", description = "A model folder as on the Hugging Face Hub (BERT family); or a "
            + "folder with ParlAI's files, or its model file.")
    private Path source;

    @Option(names = "--weights", paramLabel = "FILE",
            description = "The weights, if not DIR/model.safetensors or DIR/model.onnx.")
    private Path weights;

    @Option(names = {"-o", "--out"}, paramLabel = "DIR",
            description = "The model folder to write. Without it, only the report is made.")
    private Path out;

    @Option(names = "--allow-unexpected", description = "Leave out tensors that the model does not ask for.")
    private boolean allowUnexpected;

    @Override
    public Integer call() throws IOException {
        if (ParlaiImport.is(source)) return parlai();
        if (!Files.isDirectory(source)) throw BadInput.in(source, "there is no such folder", "check the path");
        ModelImport.Leniency leniency = allowUnexpected ? ModelImport.Leniency.UNEXPECTED : ModelImport.Leniency.STRICT;
        ModelImport work = ModelImport.of(source, weights, leniency);
        for (String note : work.notes()) System.err.println("retort: " + note);
        WeightReport report = work.report();
        Path file = work.weights();
        if (!fits(report, file)) return 1;
        if (out == null) {
            print(report, null);
            return 0;
        }
        ModelFolder written = work.write(out, provenance(file, work.tokenizer()));
        print(report, new ParlaiImport.Written(written.path(), written.fingerprint()));
        return 0;
    }

    private Integer parlai() throws IOException {
        if (weights != null) {
            throw BadInput.of("--weights names a file, and ParlAI's model is one",
                    "name the model's file instead of DIR");
        }
        ParlaiImport work = ParlaiImport.of(source);
        for (String note : work.notes()) System.err.println("retort: " + note);
        WeightReport report = work.report();
        if (!fits(report, work.weights())) return 1;
        ObjectNode provenance = JsonNodeFactory.instance.objectNode().put("imported_from", name(work.weights()));
        print(report, out == null ? null : work.write(out, provenance, allowUnexpected));
        return 0;
    }

    private boolean fits(WeightReport report, Path file) throws IOException {
        if (report.isUsable() && (allowUnexpected || report.isClean())) return true;
        print(report, null);
        System.err.println("retort: " + file + " does not fit the model"
                + (report.isUsable() ? " exactly; --allow-unexpected lets it pass" : ""));
        return false;
    }

    private static String name(Path file) {
        return file.toAbsolutePath().normalize().getFileName().toString();
    }

    private ObjectNode provenance(Path file, Path tokenizer) throws IOException {
        return JsonNodeFactory.instance.objectNode().put("imported_from", name(source))
                .put("weights_sha256", Sha256.of(file)).put("tokenizer_sha256", Sha256.of(tokenizer));
    }

    /**
     * @param written the new folder, or null
     */
    private void print(WeightReport report, ParlaiImport.Written written) throws IOException {
        if (!output.json) {
            report.lines().forEach(output::line);
            if (written != null)
                output.line(written.folder() + (written.fingerprint().isEmpty()
                        ? ""
                        : "  (fingerprint " + written.fingerprint().substring(0, 12) + ")"));
            return;
        }
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("mapped", report.mapped());
        json.put("unused", report.unused());
        json.put("missing", report.missing());
        json.put("unexpected", report.unexpected());
        json.put("mismatched", report.mismatched());
        json.put("not_finite", report.notFinite());
        if (written != null) {
            json.put("model", written.folder().toString());
            if (!written.fingerprint().isEmpty()) json.put("fingerprint", written.fingerprint());
        }
        output.json(json);
    }
}
