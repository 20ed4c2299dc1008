package banter.apis

import banter.Transport
import banter.models.CreateAccount429Response
import banter.models.CreateMediaInput
import banter.models.CreatedMedia
import banter.models.Media
import banter.models.Problem

class MediaApi(private val transport: Transport) {

    /** Ask for a place to upload a file to. */
    fun createMedia(createMediaInput: CreateMediaInput): CreatedMedia =
        transport.call(
            "POST",
            "/v1/media",
            inPath = mapOf(),
            query = mapOf(),
            headers = mapOf(),
            body = createMediaInput,
        )

    /** What became of an upload. */
    fun retrieveMedia(mediaId: kotlin.String): Media =
        transport.call(
            "GET",
            "/v1/media/{media_id}",
            inPath = mapOf("media_id" to mediaId, ),
            query = mapOf(),
            headers = mapOf(),
            body = null,
        )
}
