/** A copy with the object's own members and no prototype: what somebody put on `Object.prototype` is not an option. */
export const ownMembers = <T extends object>(given: T): T => Object.assign(Object.create(null), given);
