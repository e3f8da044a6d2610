# Sourced by bench/gpu/ptx and bench/gpu/assemble, in the repository's root: finds or installs the CUDA compiler.
# Sets bin, the folder of nvcc, ptxas and cuobjdump. RETORT_NVCC names an nvcc of this very release to take instead of PyPI's.
compiler_release=13.0.88
compiler_home=$PWD/target/gpu-compiler

die() { echo "$(basename "$0"): $*" >&2; exit 1; }

make_venv() { # once; python3 with venv and pip is all that is needed
  [ -x "$compiler_home/bin/pip" ] && return
  python3 -m venv "$compiler_home" >&2 || die "cannot make a virtual environment in $compiler_home; install python3 with its venv module"
}

find_compiler() {
  if [ -n "${RETORT_NVCC:-}" ]; then
    [ -x "$RETORT_NVCC" ] && [ "$(basename "$RETORT_NVCC")" = nvcc ] || die "RETORT_NVCC ($RETORT_NVCC) is no nvcc; correct it, or unset it to have PyPI's compiler installed"
    bin=$(dirname "$RETORT_NVCC")
  else
    make_venv
    if ! cmp -s bench/gpu/compiler.txt "$compiler_home/installed.txt"; then
      echo "$(basename "$0"): installing the CUDA compiler in target/gpu-compiler (about 130 MB) ..." >&2
      "$compiler_home/bin/pip" install -q --disable-pip-version-check --no-deps -r bench/gpu/compiler.txt >&2 \
        || die "pip could not install what bench/gpu/compiler.txt lists"
      cp bench/gpu/compiler.txt "$compiler_home/installed.txt"
    fi
    bin=$(echo "$compiler_home"/lib/python3*/site-packages/nvidia/cu13/bin)
  fi
  local release
  release=$("$bin/nvcc" --version | sed -n 's/.*, V\([0-9.]*\)$/\1/p' || true)
  [ "$release" = "$compiler_release" ] || die "$bin/nvcc is release ${release:-unknown}, not $compiler_release, and would make other PTX"
}

# The oldest assemblers that know what our two targets need. A new ptxas takes an old .version for what it says,
# only an old one shows that the text is one that a driver of its time can read.
find_old_assemblers() { # sets assembler_7_8 and assembler_8_0
  local package
  make_venv
  for package in nvidia-cuda-nvcc-cu11==11.8.89 nvidia-cuda-nvcc-cu12==12.0.76; do
    local folder=$compiler_home/old/${package#*==}
    [ -x "$folder/nvidia/cuda_nvcc/bin/ptxas" ] && continue
    echo "$(basename "$0"): installing the assembler of CUDA ${package#*==} in target/gpu-compiler (20 MB) ..." >&2
    "$compiler_home/bin/pip" install -q --disable-pip-version-check --no-deps --target "$folder" "$package" >&2 || die "pip could not install $package"
  done
  assembler_7_8=$compiler_home/old/11.8.89/nvidia/cuda_nvcc/bin/ptxas
  assembler_8_0=$compiler_home/old/12.0.76/nvidia/cuda_nvcc/bin/ptxas
}
