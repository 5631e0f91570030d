#pragma once
#include <curl/curl.h>

// Setters and getters of libcurl take whatever comes (variadic), which Swift can't call: one here for each type.

static inline CURLcode ccurl_set_long(CURL *handle, CURLoption option, long value) { return curl_easy_setopt(handle, option, value); }
static inline CURLcode ccurl_set_text(CURL *handle, CURLoption option, const char *value) { return curl_easy_setopt(handle, option, value); }
static inline CURLcode ccurl_set_pointer(CURL *handle, CURLoption option, void *value) { return curl_easy_setopt(handle, option, value); }
/// Copies the bytes.
static inline CURLcode ccurl_set_body(CURL *handle, const void *bytes, size_t length) {
  CURLcode code = curl_easy_setopt(handle, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)length);
  return code != CURLE_OK ? code : curl_easy_setopt(handle, CURLOPT_COPYPOSTFIELDS, length > 0 ? bytes : "");
}
static inline CURLcode ccurl_set_receiver(CURL *handle, curl_write_callback receiver, void *context) {
  CURLcode code = curl_easy_setopt(handle, CURLOPT_WRITEFUNCTION, receiver);
  return code != CURLE_OK ? code : curl_easy_setopt(handle, CURLOPT_WRITEDATA, context);
}
/// Is given the head of an answer, line by line.
static inline CURLcode ccurl_set_head_receiver(CURL *handle, curl_write_callback receiver, void *context) {
  CURLcode code = curl_easy_setopt(handle, CURLOPT_HEADERFUNCTION, receiver);
  return code != CURLE_OK ? code : curl_easy_setopt(handle, CURLOPT_HEADERDATA, context);
}
/// Is asked for each piece of a body.
static inline CURLcode ccurl_set_sender(CURL *handle, curl_read_callback sender, void *context) {
  CURLcode code = curl_easy_setopt(handle, CURLOPT_READFUNCTION, sender);
  return code != CURLE_OK ? code : curl_easy_setopt(handle, CURLOPT_READDATA, context);
}
/// Is asked for each socket.
static inline CURLcode ccurl_set_opener(CURL *handle, curl_opensocket_callback opener, void *context) {
  CURLcode code = curl_easy_setopt(handle, CURLOPT_OPENSOCKETFUNCTION, opener);
  return code != CURLE_OK ? code : curl_easy_setopt(handle, CURLOPT_OPENSOCKETDATA, context);
}
static inline long ccurl_status(CURL *handle) {
  long status = 0;
  return curl_easy_getinfo(handle, CURLINFO_RESPONSE_CODE, &status) == CURLE_OK ? status : 0;
}
/// How a transfer that is done ended.
static inline CURLcode ccurl_result(const CURLMsg *message) { return message->data.result; }
#define CCURL_PAUSE CURL_WRITEFUNC_PAUSE
#define CCURL_READ_PAUSE CURL_READFUNC_PAUSE
#define CCURL_ABORT CURL_READFUNC_ABORT
