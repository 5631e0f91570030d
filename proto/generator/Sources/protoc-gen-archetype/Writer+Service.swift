extension Writer {
  /// The names of a service's methods, what answers them, what takes the replies, and a typed client.
  mutating func service(_ service: Service) {
    let name = service.name
    block("extension Proto") { writer in
      writer.comment(service.comment, otherwise: "The operations of \(name).")
      writer.block("enum \(name)Method: String, CaseIterable, Sendable") { writer in
        for method in service.methods {
          writer.comment(method.comment)
          writer.line("case \(method.swift) = \"\(name).\(method.name)\"")
        }
        writer.line()
        writer.line("/// Whether the reply opens a numbered stream of events.")
        writer.block("var isStream: Bool") { writer in writer.isStream(service.methods) }
        writer.line()
        writer.line("/// What is sent, and what comes back.")
        writer.block("var types: (request: any ProtoMessage.Type, reply: any ProtoMessage.Type)") { writer in
          writer.block("switch self") { writer in
            for method in service.methods { writer.line("case .\(method.swift): (\(method.request).self, \(method.reply).self)") }
          }
        }
      }
      writer.line()
      writer.line("/// What answers \(name): one method an operation.")
      writer.block("protocol \(name)Handler") { writer in
        writer.line("associatedtype Output")
        for method in service.methods { writer.line("func \(method.swift)(_ request: \(method.request)) throws -> Output") }
      }
      writer.line()
      writer.line("/// What takes the replies of \(name): one method an operation.")
      writer.block("protocol \(name)Replies") { writer in
        writer.line("associatedtype Output")
        for method in service.methods { writer.line("func \(method.swift)(_ reply: \(method.reply)) throws -> Output") }
      }
      writer.line()
      writer.line("/// Calls \(name) over a channel.")
      writer.block("struct \(name)Client<Channel: RequestChannel>") { writer in
        writer.line("let channel: Channel")
        for method in service.methods {
          writer.line()
          writer.comment(method.comment)
          writer.block("func \(method.swift)(_ request: \(method.request)) throws -> Channel.Result") { writer in
            writer.line("try channel.call(\"\(name).\(method.name)\", request, returning: \(method.reply).self)")
          }
        }
      }
    }
    dispatch(service, "Handler", "handle", "request") { $0.request }
    dispatch(service, "Replies", "handleReply", "reply") { $0.reply }
  }

  private mutating func isStream(_ methods: [Service.Method]) {
    let streams = methods.filter(\.isStream)
    guard !streams.isEmpty, streams.count < methods.count else { return line(streams.isEmpty ? "false" : "true") }
    block("switch self") { writer in
      writer.line("case \(streams.map { "." + $0.swift }.joined(separator: ", ")): true")
      writer.line("default: false")
    }
  }

  private mutating func dispatch(
    _ service: Service, _ suffix: String, _ function: String, _ what: String, _ type: (Service.Method) -> String
  ) {
    line()
    block("extension Proto.\(service.name)\(suffix)") { writer in
      writer.line("/// Decodes the \(what) and calls its method; throws `WireError` for bytes that are none.")
      writer.block("func \(function)(_ method: Proto.\(service.name)Method, _ body: [UInt8]) throws -> Output") { writer in
        writer.block("switch method") { writer in
          for method in service.methods {
            writer.line("case .\(method.swift): try self.\(method.swift)(\(type(method))(decoding: body))")
          }
        }
      }
    }
  }
}
