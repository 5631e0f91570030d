import CDescriptors
import Glibc

// A plugin of protoc: a CodeGeneratorRequest on standard input, a CodeGeneratorResponse on standard output.
// What is allocated for the answer lives until the process ends.

/// Everything on standard input.
func readAll() -> [UInt8] {
  var input: [UInt8] = []
  var chunk = [UInt8](repeating: 0, count: 1 << 16)
  while true {
    let count = read(STDIN_FILENO, &chunk, chunk.count)
    if count <= 0 { return input }
    input += chunk[..<count]
  }
}

func writeAll(_ output: [UInt8]) -> Bool {
  output.withUnsafeBytes { bytes in
    var rest = bytes[...]
    while !rest.isEmpty {
      let count = write(STDOUT_FILENO, UnsafeRawBufferPointer(rebasing: rest).baseAddress, rest.count)
      if count <= 0 { return false }
      rest = rest.dropFirst(count)
    }
    return true
  }
}

func source(of file: File) -> String {
  var writer = Writer()
  writer.line("// swift-format-ignore-file")
  writer.line("// Generated from proto/\(file.name) by proto/generate.sh. Do not edit.")
  writer.line()
  if !file.messages.isEmpty { writer.line("import CMessages\n") }
  if !file.messages.isEmpty || !file.enumerations.isEmpty {
    writer.block("extension Proto") { writer in
      for (index, enumeration) in file.enumerations.enumerated() {
        if index > 0 { writer.line() }
        writer.enumeration(enumeration)
      }
      for (index, message) in file.messages.enumerated() {
        if index > 0 || !file.enumerations.isEmpty { writer.line() }
        writer.structure(message)
      }
    }
  }
  for message in file.messages {
    writer.line()
    writer.conversions(message)
  }
  for service in file.services {
    writer.line()
    writer.service(service)
  }
  return writer.text
}

typealias COutput = Google__Protobuf__Compiler__CodeGeneratorResponse__File

func generate(
  _ request: Google__Protobuf__Compiler__CodeGeneratorRequest, into response: inout Google__Protobuf__Compiler__CodeGeneratorResponse
) throws(Refusal) {
  let wanted = Set(
    UnsafeBufferPointer(start: request.file_to_generate, count: request.n_file_to_generate).map { text($0) })
  let files = items(request.proto_file, request.n_proto_file)
  let catalogue = try Catalogue(files)
  let outputs = UnsafeMutablePointer<UnsafeMutablePointer<COutput>?>.allocate(capacity: files.count)
  response.file = outputs
  for file in files where wanted.contains(text(file.name)) {
    let content = source(of: try SchemaReader.read(file, catalogue))
    let output = UnsafeMutablePointer<COutput>.allocate(capacity: 1)
    google__protobuf__compiler__code_generator_response__file__init(output)
    output.pointee.name = strdup(text(file.name).split(separator: ".")[0] + ".pb.swift")
    output.pointee.content = strdup(content)
    outputs[response.n_file] = output
    response.n_file += 1
  }
}

func answer() -> Int32 {
  let input = readAll()
  guard let request = google__protobuf__compiler__code_generator_request__unpack(nil, input.count, input) else { return 1 }
  var response = Google__Protobuf__Compiler__CodeGeneratorResponse()
  google__protobuf__compiler__code_generator_response__init(&response)
  // We say that we know `optional`, so that the refusal is ours and says what to write instead.
  response.has_supported_features = 1
  response.supported_features = 1
  do {
    try generate(request.pointee, into: &response)
  } catch {
    response.n_file = 0
    response.error = strdup(error.message)
  }
  var output = [UInt8](repeating: 0, count: google__protobuf__compiler__code_generator_response__get_packed_size(&response))
  google__protobuf__compiler__code_generator_response__pack(&response, &output)
  return writeAll(output) ? 0 : 1
}

exit(answer())
