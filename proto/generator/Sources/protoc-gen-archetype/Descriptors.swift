import CDescriptors

typealias CFile = Google__Protobuf__FileDescriptorProto
typealias CMessage = Google__Protobuf__DescriptorProto
typealias CField = Google__Protobuf__FieldDescriptorProto
typealias CEnum = Google__Protobuf__EnumDescriptorProto
typealias CService = Google__Protobuf__ServiceDescriptorProto

/// Why a file can't be generated; protoc shows it to the user.
struct Refusal: Error {
  let message: String
}

/// A C string as protobuf-c holds it; absent is empty.
func text(_ pointer: UnsafePointer<CChar>?) -> String {
  pointer.map { String(cString: $0) } ?? ""
}

/// A repeated field as protobuf-c holds it: an array of pointers, none of them null.
func items<T>(_ pointer: UnsafeMutablePointer<UnsafeMutablePointer<T>?>?, _ count: Int) -> [T] {
  UnsafeBufferPointer(start: pointer, count: count).compactMap { $0?.pointee }
}

/// The comments of one file by the path of what they stand at: (field number, index) pairs from the file's root,
/// as `google/protobuf/descriptor.proto` describes it at `SourceCodeInfo.Location`.
struct Comments {
  private var lines: [[Int32]: [String]] = [:]

  init(_ file: CFile) {
    guard let info = file.source_code_info?.pointee else { return }
    for location in items(info.location, info.n_location) {
      let comment = text(location.leading_comments) + text(location.trailing_comments)
      guard !comment.isEmpty else { continue }
      let path = Array(UnsafeBufferPointer(start: location.path, count: location.n_path))
      lines[path] = comment.split(separator: "\n").map { $0.first == " " ? String($0.dropFirst()) : String($0) }
    }
  }

  subscript(_ path: [Int32]) -> [String] { lines[path] ?? [] }
}
