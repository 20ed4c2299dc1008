package banter

import banter.models.Problem
import com.google.gson.Gson
import com.google.gson.reflect.TypeToken
import java.net.URI
import java.net.URLEncoder
import java.net.http.HttpClient
import java.net.http.HttpRequest
import java.net.http.HttpResponse

/** An answer that is no success; `problem` says why, unless the gateway itself refused. */
class Refused(val status: Int, val problem: Problem?) : Exception("$status ${problem?.code}: ${problem?.detail}")

/** What the generated operations are sent by: the HTTP client of the JDK. An app takes its own, such as OkHttp. */
class Transport(private val origin: String) {
    var token: String? = null
    val gson = Gson()
    private val http = HttpClient.newHttpClient()

    inline fun <reified T> call(
        method: String,
        path: String,
        inPath: Map<String, Any>,
        query: Map<String, Any?>,
        headers: Map<String, Any?>,
        body: Any?,
    ): T {
        val answer = send(method, path, inPath, query, headers, body)
        return if (T::class == Unit::class) Unit as T else gson.fromJson(answer, object : TypeToken<T>() {}.type)
    }

    fun send(
        method: String,
        path: String,
        inPath: Map<String, Any>,
        query: Map<String, Any?>,
        headers: Map<String, Any?>,
        body: Any?,
    ): String {
        val filled = inPath.entries.fold(path) { filled, (name, value) -> filled.replace("{$name}", encoded(value)) }
        val asked = query.filterValues { it != null }.map { (name, value) -> "$name=${encoded(value!!)}" }
        val uri = URI(origin + filled + if (asked.isEmpty()) "" else asked.joinToString("&", "?"))
        val content = body?.let { HttpRequest.BodyPublishers.ofString(gson.toJson(it)) }
        val request = HttpRequest.newBuilder(uri).method(method, content ?: HttpRequest.BodyPublishers.noBody())
        headers.forEach { (name, value) -> value?.let { request.header(name, "$it") } }
        token?.let { request.header("authorization", "Bearer $it") }
        if (content != null) request.header("content-type", "application/json")
        val answer = http.send(request.build(), HttpResponse.BodyHandlers.ofString())
        if (answer.statusCode() !in 200..299) {
            val isProblem = answer.headers().firstValue("content-type").orElse("") == "application/problem+json"
            throw Refused(answer.statusCode(), if (isProblem) gson.fromJson(answer.body(), Problem::class.java) else null)
        }
        return answer.body()
    }

    private fun encoded(value: Any) = URLEncoder.encode("$value", Charsets.UTF_8).replace("+", "%20")
}
