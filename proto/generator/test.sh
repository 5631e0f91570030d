#!/bin/sh
# Generates Tests/*.proto, which use everything that the real files don't yet, and tests the result in a scratch package of its own.
# Then shows the generator what it must refuse. Scratch folder: $GENERATOR_SCRATCH (.build/generator unless set).
set -eu
cd "$(dirname "$0")/../.."
scratch=${GENERATOR_SCRATCH:-.build/generator}
mkdir -p "$scratch"
GENERATOR_SCRATCH=$(cd "$scratch" && pwd)
export GENERATOR_SCRATCH
package=$GENERATOR_SCRATCH/test
mkdir -p "$package/proto" "$package/Shared/Wire" "$package/Tests"
cp proto/generate.sh proto/generator/Tests/*.proto "$package/proto/"
cp proto/generator/Tests/Package.swift.in "$package/Package.swift"
ln -sfn "$PWD/proto/generator" "$package/proto/generator"
ln -sfn "$PWD/Shared/CProtobufC" "$package/Shared/CProtobufC"
ln -sfn "$PWD/Shared/Wire/Codec" "$package/Shared/Wire/Codec"
ln -sfn "$PWD/proto/generator/Tests/EverythingTests.swift" "$package/Tests/EverythingTests.swift"
sh "$package/proto/generate.sh"
swift test --package-path "$package" --scratch-path "$GENERATOR_SCRATCH/test-build"

refuses() {
  printf 'syntax = "proto3"; package archetype; %s' "$2" > "$package/refused.proto"
  if answer=$(protoc --plugin="$GENERATOR_SCRATCH/build/debug/protoc-gen-archetype" --proto_path="$package" \
    --archetype_out="$package" refused.proto 2>&1); then
    echo "not refused: $2" >&2
    exit 1
  fi
  case $answer in *"$1"*) ;; *) echo "refused for another reason: $2: $answer" >&2; exit 1 ;; esac
}
refuses 'write `oneof x_or_none' 'message A { optional int32 x = 1; }'
refuses 'holds itself' 'message A { repeated B b = 1; } message B { map<string, A> a = 1; }'
refuses 'would shadow' 'message String {}'
refuses 'two values have the number 0' 'enum E { option allow_alias = true; A = 0; B = 0; }'
refuses 'a map from bool' 'message A { map<bool, string> x = 1; }'
refuses 'a stream from the client' 'message A {} service S { rpc X(stream A) returns (A); }'
refuses 'one Swift type' 'message A { oneof abc { int32 a = 1; int32 b = 2; } message Abc {} }'
refuses 'more than 64 fields' "message A { $(i=0; while [ $i -lt 65 ]; do i=$((i + 1)); echo "int32 x$i = $i;"; done) }"
echo 'The generator refuses what it must.'
