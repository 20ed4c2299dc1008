/**
 * Everything that crosses the wire, and what the client adds to it. Types only.
 *
 * Unknown fields may appear in any answer: readers must ignore what they do not know.
 *
 * @typedef {'private_messages' | 'group' | 'channel'} RoomType
 * @typedef {'offline' | 'connecting' | 'online'} LinkState
 *
 * @typedef {object} Permissions
 * @property {boolean} can_add_users
 * @property {boolean} can_remove_users
 * @property {boolean} can_create_messages
 * @property {boolean} can_delete_messages
 * @property {boolean} can_delete_own_messages
 * @property {boolean} can_edit_messages
 * @property {boolean} can_edit_own_messages
 * @property {boolean} can_edit_room
 * @property {boolean} can_delete_room
 *
 * @typedef {object} User
 * @property {string} id
 * @property {string} username
 * @property {string} name
 * @property {string | null} [avatar_media_id]
 * @property {boolean} is_staff
 * @property {boolean} [is_banned]
 * @property {string} created_at RFC 3339, UTC.
 *
 * @typedef {object} UserRef
 * @property {string} id
 * @property {string} name
 *
 * @typedef {object} MyMembership
 * @property {Permissions} permissions
 * @property {boolean} is_owner
 * @property {boolean} muted
 * @property {number} last_read_seq
 * @property {string | null} last_seen_at
 * @property {number} unread_count
 *
 * @typedef {object} Preview The newest message that somebody wrote; system messages are never previewed.
 * @property {number} seq
 * @property {Message['type']} type
 * @property {UserRef | null} user
 * @property {string | null} text Cut to about 140 characters.
 * @property {number} [media_count]
 * @property {string} created_at
 *
 * @typedef {object} Room
 * @property {string} id
 * @property {RoomType} type
 * @property {string | null} name
 * @property {string | null} description
 * @property {string | null} [avatar_media_id]
 * @property {boolean} is_public
 * @property {boolean} staff_only
 * @property {number} member_count
 * @property {number} seq Head of the room's one sequence of messages and durable events.
 * @property {number} message_count Without system messages.
 * @property {Preview | null} last_message
 * @property {string} [last_activity_at]
 * @property {UserRef | string | null} [created_by]
 * @property {string} created_at
 * @property {string} updated_at
 * @property {number} version
 * @property {MyMembership | null} my Null for one who is no member, and in events pushed to everybody.
 *
 * @typedef {object} Member
 * @property {string} room_id
 * @property {UserRef & Partial<User>} user
 * @property {Permissions} permissions
 * @property {boolean} is_owner
 * @property {boolean} [muted] Own row only.
 * @property {UserRef | string | null} [created_by]
 * @property {string} created_at
 * @property {string | null} last_seen_at
 * @property {number} last_read_seq
 *
 * @typedef {object} SystemNote
 * @property {string} code
 * @property {{actor?: UserRef | null, user?: UserRef | null, name?: string | null}} params
 *
 * @typedef {object} Message
 * @property {string} room_id
 * @property {number} seq
 * @property {string | null} [client_id]
 * @property {'regular' | 'system' | 'deleted'} type
 * @property {UserRef | null} user
 * @property {string | null} text
 * @property {SystemNote | null} [system]
 * @property {MessageMedia[]} [media]
 * @property {Reaction[]} [reactions] In the order of their first use.
 * @property {number | null} [reply_to_seq]
 * @property {string} created_at
 * @property {string | null} [edited_at]
 * @property {number} version
 *
 * @typedef {object} MessageMedia
 * @property {string} media_id
 * @property {number} [sequence]
 * @property {string} content_type
 * @property {number} size_bytes
 * @property {string} [filename]
 * @property {number} [width] Of a picture, upright.
 * @property {number} [height]
 *
 * @typedef {object} Media
 * @property {string} id
 * @property {'pending' | 'ready' | 'rejected'} state
 * @property {string} filename
 * @property {string} content_type
 * @property {number} size_bytes
 * @property {number} [width]
 * @property {number} [height]
 * @property {string | null} [url]
 * @property {{width: number, height: number, url: string}[]} [thumbnails] The smallest first.
 * @property {number} [expires_in] How long the addresses are good, in seconds.
 *
 * @typedef {object} Reaction
 * @property {string} reaction
 * @property {number} count
 * @property {boolean} mine
 *
 * @typedef {object} ReactionChange
 * @property {number} message_seq
 * @property {string} reaction
 * @property {string} user_id
 * @property {number} count
 *
 * @typedef {object} Content What somebody wrote: a text, or media, or both.
 * @property {string | null} text
 * @property {MessageMedia[]} [media]
 * @property {number | null} [reply_to_seq]
 *
 * @typedef {object} Grant
 * @property {User} user
 * @property {string} access_token
 * @property {string} refresh_token
 * @property {number} [expires_in]
 *
 * @typedef {object} HistoryPage
 * @property {Message[]} data Ascending by seq.
 * @property {boolean} found_oldest
 * @property {boolean} found_newest
 *
 * @typedef {object} RoomSync
 * @property {EventFrame[]} events
 * @property {number} upto
 * @property {number} head
 * @property {boolean} reset
 *
 * @typedef {object} SyncAnswer
 * @property {Record<string, RoomSync>} rooms
 * @property {Room[]} [added]
 * @property {string[]} [removed]
 *
 * @typedef {object} HelloAck
 * @property {string} connection_id
 * @property {User} user
 * @property {number} [ping_interval_ms]
 * @property {string} [expires_at]
 * @property {SyncAnswer} [sync]
 *
 * @typedef {object} EventFrame
 * @property {'event'} type
 * @property {string} event
 * @property {string} room_id Absent on `presence`.
 * @property {number | null} [seq] Absent on events that are not kept: typing, and news for one user.
 * @property {string} [at]
 * @property {UserRef | null} [actor]
 * @property {any} [data]
 *
 * @typedef {object} ByeFrame
 * @property {'bye'} type
 * @property {string} code
 * @property {boolean} reconnect
 * @property {number} [retry_after_ms]
 *
 * @typedef {object} ErrorBody
 * @property {string} code
 * @property {string} [message]
 * @property {string} [detail]
 * @property {string} [title]
 * @property {number} [status]
 * @property {boolean} [retryable]
 * @property {number} [retry_after_ms]
 * @property {string} [request_id]
 * @property {{pointer: string, code: string}[]} [errors]
 *
 * @typedef {object} Draft A message on its way out. It becomes a `Message` with the same `client_id`.
 * @property {string} key Where it is stored; sorts by age.
 * @property {string} owner The tab that sends it.
 * @property {string} client_id
 * @property {string} room_id
 * @property {string | null} text
 * @property {MessageMedia[]} [media]
 * @property {number | null} [reply_to_seq]
 * @property {string} created_at
 * @property {'pending' | 'failed'} state
 * @property {{code: string, message: string} | null} error
 *
 * @typedef {object} Clock
 * @property {() => number} now Milliseconds since 1970.
 * @property {(run: () => void, ms: number) => any} setTimeout
 * @property {(timer: any) => void} clearTimeout
 * @property {() => number} random In [0, 1).
 *
 * @typedef {object} Storage
 * @property {(key: string) => Promise<any>} get
 * @property {(key: string, value: any) => Promise<void>} set
 * @property {(key: string) => Promise<void>} delete
 * @property {(prefix: string) => Promise<[string, any][]>} entries In key order.
 *
 * @typedef {object} Locks
 * @property {<T>(name: string, run: () => Promise<T>) => Promise<T>} request
 * @property {() => Promise<Set<string>>} held
 *
 * @typedef {object} SocketLike The part of WebSocket that is used.
 * @property {number} readyState
 * @property {((event: any) => void) | null} onopen
 * @property {((event: any) => void) | null} onmessage
 * @property {((event: any) => void) | null} onclose
 * @property {((event: any) => void) | null} onerror
 * @property {(data: string) => void} send
 * @property {(code?: number, reason?: string) => void} close
 *
 * @typedef {new (url: string, protocols: string[]) => SocketLike} SocketClass
 *
 * @typedef {object} BanterEvents
 * @property {{user: User | null, reason: string}} session Signed in or out, here or in another tab.
 * @property {{state: LinkState, retry_at: number | null, code: string | null}} state
 * @property {Record<string, never>} rooms The list changed: its order or its members.
 * @property {{room: Room}} room One room changed.
 * @property {{room_id: string}} removed A room is no longer mine.
 * @property {{room_id: string, message: Message, kind: 'created' | 'updated' | 'deleted'}} message
 * @property {{room_id: string}} timeline What `messages(room_id)` answers changed.
 * @property {{room_id: string, kind: string, member: Member}} member
 * @property {{room_id: string, user_id: string, name: string | null, expires_in_ms: number}} typing
 * @property {{room_id: string, user_id: string, name: string, kind: 'entered' | 'exited'}} notice Somebody opened or closed the room.
 * @property {{user_id: string, online: boolean}} presence
 * @property {Record<string, never>} people A picture or name of somebody became known.
 * @property {ByeFrame} bye
 */
export {};
